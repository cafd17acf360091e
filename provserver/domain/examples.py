"""
Examples of what settings can hold, to try a maker's tables and templates with: `example_texts`, `example_view`.

None of it is anybody's; passwords are places without one, as everywhere before an answer is filled.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

from provserver.domain.catalogue import SPECS
from provserver.domain.key import KeyKind
from provserver.domain.line import Endpoint, Line, Transport, password_field
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view, setting_field
from provserver.domain.setting import SettingSpec
from provserver.domain.view import DeviceView

_TEXTS = {
    "text": "example",
    "word": "example",
    "login name": "example",
    "host": "host.example.com",
    "URL": "https://host.example.com/file.xml",
    "time zone": "Europe/London",
    "time of day": "02:30",
    # A sequence of 256 zero bytes, as long as its head says: in DER form, and nobody's certificate.
    "certificate": base64.b64encode(b"\x30\x82\x01\x00" + bytes(256)).decode(),
}
_MAC = MacAddress("0a0b0c000001")
_LINES = (
    Line(number=1, user_name="1001", registrar=Endpoint(host="pbx.example.com")),
    Line(
        number=2,
        user_name="1002",
        registrar=Endpoint(host="pbx.example.com", port=5061, transport=Transport.TLS),
        label="Desk",
        display_name="Desk",
        auth_name="auth1002",
        backup_registrar=Endpoint(host="backup.example.com"),
        outbound_proxy=Endpoint(host="proxy.example.com"),
        voicemail="*97",
    ),
)


def example_texts(spec: SettingSpec) -> tuple[str, ...]:
    """Texts that the setting accepts: every word of a choice, one of what has no end. None for a secret."""
    match spec.kind:
        case "secret":
            return ()
        case "choice" | "switch":
            return spec.allowed
        case "list":
            return (" ".join(spec.allowed),)
        case "number" | "numbers":
            return (" ".join(numbers.partition("–")[0] for numbers in spec.allowed),)
        case "key":
            return tuple(f"{kind} 1001 Desk" for kind in KeyKind)
        case kind:
            return (_TEXTS[kind],)


def numbered(name: str) -> str:
    """A setting's name with 1 for every index: ``key.N`` → ``key.1``."""
    return ".".join("1" if part == "N" else part for part in name.split("."))


def example_view(model: str | None, names: Iterable[str], *, held: bool = True, mac: MacAddress = _MAC) -> DeviceView:
    """
    A device of *model* with two lines and an example of each of the catalogue's settings *names*.

    Without *held* the server has none of its secrets (any more).
    """
    wanted = frozenset(names)
    specs = [spec for spec in SPECS if spec.name in wanted]
    secrets = [setting_field(numbered(spec.name)) for spec in specs if spec.secret]
    return build_view(
        mac=mac,
        model=model,
        lines=_LINES,
        settings=dict(_example(spec) for spec in specs if not spec.secret),
        held=[*secrets, *(password_field(line.number) for line in _LINES)] if held else [],
    )


def views_of(spec: SettingSpec, model: str | None) -> Iterator[DeviceView]:
    """Devices of *model* that have nothing set but *spec*, one for each example of it."""
    name = numbered(spec.name)
    if spec.secret:
        yield build_view(mac=_MAC, model=model, lines=_LINES, settings={}, held=[setting_field(name)])
    for text in example_texts(spec):
        yield build_view(mac=_MAC, model=model, lines=_LINES, settings={name: text}, held=[])


def _example(spec: SettingSpec) -> tuple[str, str]:
    texts = example_texts(spec)
    preferred = next((text for text in texts if text.startswith(KeyKind.BLF)), texts[0])
    return numbered(spec.name), preferred
