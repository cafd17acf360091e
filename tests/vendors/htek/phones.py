"""Htek phones to test with: their views, and their rendered files read back by a real XML parser."""

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
from provserver.vendors.htek import VENDOR

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
MAC = MacAddress("001fc11c22a9")
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
PBX = Endpoint(host="pbx.example.com")
LINE = Line(number=1, user_name="1001", registrar=PBX)


def view_of(
    values: Mapping[str, str] | None = None,
    *,
    model: str | None = "UC926",
    lines: tuple[Line, ...] = (LINE,),
    held: tuple[str, ...] = (),
) -> DeviceView:
    return build_view(mac=MAC, model=model, lines=lines, settings=values or {}, held=held)


def render(view: DeviceView, secrets: Mapping[str, str] | None = None) -> bytes:
    known = {field: Secret(text) for field, text in {PROVISIONING_URL: URL, **(secrets or {})}.items()}
    return fill(RENDERER.render(VENDOR, VENDOR.file("config"), view), known)


def config(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """The parameters of the file. Anything else, or one that comes twice, is a failure."""
    root = ET.fromstring(render(view, secrets))  # noqa: S314 - our own file
    assert (root.tag, root.attrib) == ("hl_provision", {"version": "1"})
    (part,) = root
    assert (part.tag, part.attrib) == ("config", {"version": "1"})
    found: dict[str, str] = {}
    for element in part:
        assert not len(element)
        assert not element.attrib
        assert element.tag not in found
        found[element.tag] = element.text or ""
    return found


def written(
    values: Mapping[str, str], *, line: Line = LINE, secrets: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What the file says with *values* and *secrets* that it does not say without them."""
    secrets = secrets or {}
    base = config(view_of(lines=(line,)))
    found = config(view_of(values, lines=(line,), held=tuple(secrets)), secrets)
    return dict(found.items() - base.items())


def line_with(**fields: object) -> Line:
    return dataclasses.replace(LINE, **fields)  # type: ignore[arg-type]
