"""Panasonic phones to test with: their views, and their rendered files read back as a suspicious reader has them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from provserver.vendors.panasonic import VENDOR
from provserver.vendors.panasonic.models import header

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
MAC = MacAddress("0080f0c8c381")
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
OWN_URL = f"{URL}Config0080F0C8C381.cfg"
PBX = Endpoint(host="pbx.example.com")
LINE = Line(number=1, user_name="1001", registrar=PBX)
HDV, UT, TGP = "KX-HDV230", "KX-UT136", "KX-TGP600"
MODELS = (HDV, UT, TGP)
_ENTRY = re.compile(r'([A-Z][A-Z0-9_]*)="([^"]*)"')


def view_of(
    values: Mapping[str, str] | None = None,
    *,
    model: str | None = HDV,
    lines: tuple[Line, ...] = (LINE,),
    held: tuple[str, ...] = (),
) -> DeviceView:
    return build_view(mac=MAC, model=model, lines=lines, settings=values or {}, held=held)


def render(view: DeviceView, secrets: Mapping[str, str] | None = None, *, file: str = "standard") -> bytes:
    known = {field: Secret(text) for field, text in {PROVISIONING_URL: URL, **(secrets or {})}.items()}
    return fill(RENDERER.render(VENDOR, VENDOR.file(file), view), known)


def read(body: bytes, model: str | None = HDV) -> dict[str, str]:
    """Names and values. Any other line, or a name that comes twice, is a failure; so is a line end of another kind."""
    first, *lines, last, end = body.decode().split("\r\n")
    assert (first, last, end) == (header(model), "", "")
    found: dict[str, str] = {}
    for line in lines:
        assert len(line.splitlines()) == 1
        assert len(line.encode()) + 2 <= 537
        entry = _ENTRY.fullmatch(line)
        assert entry, line
        assert entry[1] not in found
        found[entry[1]] = entry[2]
    return found


def config(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    return read(render(view, secrets), view.model)


def written(
    values: Mapping[str, str], *, model: str = HDV, line: Line = LINE, secrets: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What the file says with *values* and *secrets* that it does not say without them."""
    secrets = secrets or {}
    base = config(view_of(model=model, lines=(line,)))
    found = config(view_of(values, model=model, lines=(line,), held=tuple(secrets)), secrets)
    return dict(found.items() - base.items())


def line_with(**fields: object) -> Line:
    return dataclasses.replace(LINE, **fields)  # type: ignore[arg-type]
