"""Gigaset devices to test with: their views, and their rendered files read back by a real XML parser."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
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
from provserver.vendors.gigaset import VENDOR

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
MAC = MacAddress("7c2f80aabbcc")
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
OWN_URL = f"{URL}7C2F80AABBCC.xml"
PBX = Endpoint(host="pbx.example.com")
LINE = Line(number=1, user_name="1001", registrar=PBX)
N510, N720, N870, MAXWELL = "N510 IP PRO", "N720 DM PRO", "N870 IP PRO", "Maxwell 4"
MODELS = (N510, N720, N870, MAXWELL)


def view_of(
    values: Mapping[str, str] | None = None,
    *,
    model: str | None = N870,
    lines: tuple[Line, ...] = (LINE,),
    held: tuple[str, ...] = (),
) -> DeviceView:
    return build_view(mac=MAC, model=model, lines=lines, settings=values or {}, held=held)


def render(view: DeviceView, secrets: Mapping[str, str] | None = None) -> bytes:
    known = {field: Secret(text) for field, text in {PROVISIONING_URL: URL, **(secrets or {})}.items()}
    return fill(RENDERER.render(VENDOR, VENDOR.file("config"), view), known)


def read(body: bytes) -> dict[str, str]:
    """Everything that has a name and a value; handsets that are added, as ``add_hs:00001``. Twice is a failure."""
    found: dict[str, str] = {}
    for element in ET.fromstring(body).iter():  # noqa: S314 - our own file
        name = element.get("name") or element.get("ID") or element.tag
        value = element.get("value")
        if element.tag == "file":
            name, value = "firmware", f"{element.get('version')} {element.get('url')}"
        if element.tag == "oper":
            name = f"add_hs:{value}"
        if value is None or name == "hs.RegStatus":
            continue
        assert name not in found, name
        is_text = value.startswith('"') and value.endswith('"') and element.tag not in {"param", "oper"}
        found[name] = value[1:-1] if is_text else value
    return found


def config(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    return read(render(view, secrets))


def written(
    values: Mapping[str, str], *, model: str = N870, line: Line = LINE, secrets: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What the file says with *values* and *secrets* that it does not say without them."""
    secrets = secrets or {}
    view = view_of(values, model=model, lines=(line,), held=tuple(secrets))
    base = config(view_of(model=model, lines=(line,)))
    return dict(config(view, secrets).items() - base.items())


def line_with(**fields: object) -> Line:
    return dataclasses.replace(LINE, **fields)  # type: ignore[arg-type]
