"""A Grandstream device to test with: its view, its file read back by a real XML parser, and what settings write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from defusedxml.ElementTree import fromstring

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from provserver.vendors.grandstream import VENDOR

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
MAC = MacAddress("000b82aabbcc")
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
PBX = Endpoint(host="pbx.example.com")
NAMED, CLASSIC, ADAPTER, PORTS, BASE = "GXP2170", "GXP2120", "HT802", "HT814", "DP750"
EACH = (NAMED, CLASSIC, ADAPTER, PORTS, BASE)


def line(number: int = 1, /, **fields: Any) -> Line:  # noqa: ANN401 - fields of Line
    """Line *number* with what it needs, and *fields*."""
    needed: dict[str, Any] = {"number": number, "user_name": f"100{number}", "registrar": PBX}
    return Line(**(needed | fields))


def view_of(
    settings: Mapping[str, str] | None = None,
    *lines: Line,
    held: Iterable[str] = (),
    model: str | None = NAMED,
) -> DeviceView:
    """A device with *lines* (one, if none is given), as if *settings* had been entered."""
    return build_view(mac=MAC, model=model, lines=lines or (line(),), settings=settings or {}, held=held)


def body(view: DeviceView, secrets: Mapping[str, str] | None = None) -> bytes:
    """The file of *view*; a secret that a test does not care about is its field's name."""
    skeleton = RENDERER.render(VENDOR, VENDOR.file("config"), view)
    known = {field: Secret(field) for field in skeleton.fields} | {PROVISIONING_URL: Secret(URL)}
    return fill(skeleton, known | {field: Secret(text) for field, text in (secrets or {}).items()})


def read(text: bytes) -> dict[str, str]:
    """All parameters of a file, by P-value or by name, each once."""
    root = fromstring(text)
    assert (root.tag, root.get("version")) == ("gs_provision", "1")
    mac, config = root
    assert (mac.tag, mac.text) == ("mac", MAC.value)
    by_name = config.get("version") == "2"
    found: dict[str, str] = {}
    for element in config:
        assert (element.tag == "item") is by_name
        name = element.attrib["name"] if by_name else element.tag
        assert name not in found
        found[name] = element.text or ""
    return found


def told(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """What *view* is told."""
    return read(body(view, secrets))


def written(settings: Mapping[str, str], *lines: Line, model: str | None = NAMED) -> dict[str, str]:
    """What a device with *settings* is told that it is not told without them."""
    return dict(told(view_of(settings, *lines, model=model)).items() - told(view_of({}, *lines, model=model)).items())
