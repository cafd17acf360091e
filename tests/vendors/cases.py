"""
Folders of evidence: one phone, one request, and the exact bytes it must get.

    tests/vendors/<slug>/<model>--<what>/
        case.toml       the request, the device, and what is expected (see `Case`)
        expected.<ext>  the artefact, byte for byte (only when the answer is 200)
        absent.txt      one text a line that must not occur in the artefact (optional)

``case.toml``::

    [request]
    path = "/<token>/805ec0aabbcc.cfg"        # <token> stands for a device token
    method = "POST"                           # GET without it
    user_agent = "Yealink SIP-T54W 96.86.0.70 80:5e:c0:aa:bb:cc"
    [device]
    mac = "805ec0aabbcc"
    model = "T54W"
    [[device.lines]]                          # fields of Line; endpoints as "host:port;transport=tcp"
    number = 1
    user_name = "1001"
    registrar = "pbx.example.com"
    [device.settings]                         # catalogue names and texts, raw.<parameter> too
    "vlan_id" = "20"
    [device.secrets]                          # field and value
    "line.1.password" = "s3cret"
    [expect]
    answer = "file"                           # or "not_found"
    reason = "why not, in words"              # for not_found
    deleted = true                            # the SIP passwords were there and have been deleted
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.vendor import AfterDeletion
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue, take_apart
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors

FOLDER = Path(__file__).parent
TOKEN = "QUJDREVGR0hJSktMTU5PUFFS"
BASE_URL = f"https://prov.example.net/{TOKEN}/"
CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
_ENDPOINTS = ("registrar", "backup_registrar", "outbound_proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One folder."""

    folder: Path
    slug: str
    request: ProvRequest
    view: DeviceView
    secrets: dict[str, Secret]
    answer: str
    deleted: bool

    @property
    def absent(self) -> list[str]:
        """Texts that must not occur."""
        file = self.folder / "absent.txt"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def expected(self) -> Path | None:
        """The file with the expected bytes."""
        return next(iter(self.folder.glob("expected.*")), None)

    def answer_bytes(self) -> bytes | None:
        """What this phone gets, by the code that serves phones; None for "not found"."""
        asked = take_apart(self.request.path, self.request.query)
        if asked is None:
            return None
        rule = CATALOGUE.file_rule(self.slug, asked)
        if rule is None or rule.template is None or asked.mac not in (None, self.view.mac):
            return None
        if (self.request.method == "POST") is not (rule.form is not None):
            return None
        vendor = CATALOGUE.vendors[self.slug]
        withheld = (
            vendor.after_deletion_of(self.view, rule, user_agent=self.request.user_agent) is AfterDeletion.NOT_FOUND
        )
        if self.deleted and rule.configuration and withheld:
            return None
        return fill(RENDERER.render(vendor, rule, self.view), self.secrets)


def load_case(folder: Path) -> Case:
    """Read one folder."""
    data = tomllib.loads((folder / "case.toml").read_text())
    request, device, expect = data["request"], data["device"], data["expect"]
    secrets = {field: Secret(value) for field, value in device.get("secrets", {}).items()}
    path, _, query = request["path"].replace("<token>", TOKEN).partition("?")
    return Case(
        folder=folder,
        slug=folder.parent.name,
        request=ProvRequest(
            path=path,
            query=query,
            method=request.get("method", "GET"),
            user_agent=request.get("user_agent", ""),
        ),
        view=build_view(
            mac=MacAddress.parse(device["mac"]),
            model=device.get("model"),
            lines=[_line(row) for row in device.get("lines", [])],
            settings=device.get("settings", {}),
            held=secrets,
        ),
        secrets={**secrets, PROVISIONING_URL: Secret(BASE_URL)},
        answer=expect["answer"],
        deleted=expect.get("deleted", False),
    )


def all_cases() -> list[Path]:
    """All folders that hold a case."""
    return sorted(file.parent for file in FOLDER.glob("*/*--*/case.toml"))


def _line(row: dict[str, Any]) -> Line:
    fields: dict[str, Any] = {
        name: Endpoint.parse(value) if name in _ENDPOINTS else value for name, value in row.items()
    }
    return Line(**fields)
