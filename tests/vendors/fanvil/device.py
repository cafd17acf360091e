"""A Fanvil to test with: its view, and its file read back by a real XML parser, in either dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

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
from provserver.vendors.fanvil import VENDOR

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
MAC = MacAddress("0c383eaabbcc")
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
PBX = Endpoint(host="pbx.example.com")
MODERN, LEGACY = "X5U", "X4"
VERSIONS = {"sysConf": ("Version", "2.0000000000"), "VOIP_CONFIG_FILE": ("version", "2.0002")}


def line(number: int = 1, /, **fields: Any) -> Line:  # noqa: ANN401 - fields of Line
    """Line *number* with what it needs, and *fields*."""
    needed: dict[str, Any] = {"number": number, "user_name": f"100{number}", "registrar": PBX}
    return Line(**(needed | fields))


def view_of(
    settings: Mapping[str, str] | None = None,
    *lines: Line,
    held: Iterable[str] = (),
    model: str | None = MODERN,
) -> DeviceView:
    """A device with *lines* (one, if none is given), as if *settings* had been entered."""
    return build_view(mac=MAC, model=model, lines=lines or (line(),), settings=settings or {}, held=held)


def body(view: DeviceView, secrets: Mapping[str, str] | None = None) -> bytes:
    """The file of *view*; a secret that a test does not care about is its field's name."""
    skeleton = RENDERER.render(VENDOR, VENDOR.file("config"), view)
    known = {field: Secret(field) for field in skeleton.fields} | {PROVISIONING_URL: Secret(URL)}
    return fill(skeleton, known | {field: Secret(text) for field, text in (secrets or {}).items()})


def read(text: bytes) -> dict[str, str]:
    """All parameters of a file by their path, ``sip/line@1/MWINum``, each once."""
    root = fromstring(text)
    version, number = VERSIONS[root.tag]
    assert (root[0].tag, root[0].text) == (version, number)
    found: dict[str, str] = {}
    for path, value in _leaves(root[1:], ""):
        assert path not in found
        found[path] = value
    return found


def _leaves(elements: Iterable[Element], place: str) -> Iterator[tuple[str, str]]:
    for element in elements:
        mark = element.get("index") or element.findtext("ID")
        path = f"{place}{element.tag}" + (f"@{mark}" if mark else "")
        if len(element):
            assert not (element.text or "").strip()
            yield from _leaves((child for child in element if child.tag != "ID"), f"{path}/")
        else:
            yield path, element.text or ""


def told(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """What *view* is told."""
    return read(body(view, secrets))


def written(settings: Mapping[str, str], *lines: Line, model: str | None = MODERN) -> dict[str, str]:
    """What a device with *settings* is told that it is not told without them."""
    return dict(told(view_of(settings, *lines, model=model)).items() - told(view_of({}, *lines, model=model)).items())
