"""How the old bases are told a value: as a quoted text, as a number, or as an element of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, Written, as_written

# Places of entries: `<SYMB_ITEM ID=… class="symb_item">` with a quoted text or a bare number, `<NAME class="string">`.
TEXT, NUMBER, ELEMENT = "text", "number", "element"

WAZO = "sheet gigaset 5; wazo_gigaset N510 and N720 base.tpl"
DTMF_BITS = {"inband": 1, "rfc2833": 2, "info": 4, "rfc2833_info": 6}  # a bit mask: sheet gigaset 5 (H)
# wazo_gigaset N510 base.tpl (M). 0xff stands in the places that are left (N720 base.tpl).
_VOCODERS = {"pcmu": "0x00", "pcma": "0x01", "g726": "0x02", "g729": "0x03", "g722": "0x05"}
_NO_VOCODER, _VOCODER_PLACES = "0xff", 5
# wazo_gigaset N510 base.tpl, "Tone Selection" (M)
TONES = {
    "us": "0x1", "ch": "0x2", "au": "0x4", "es": "0x6", "fr": "0x7", "gb": "0x8", "nl": "0x9", "pl": "0xa",
    "de": "0xc", "it": "0xd",
}  # fmt: skip
# wazo_gigaset N510 base.tpl, "Http language"; the same numbers name folders in the maker's own file tree (H).
LANGUAGES = {
    "en": "0x1", "de": "0x2", "es": "0x4", "it": "0x7", "fr": "0x9", "nl": "0xa", "tr": "0x10", "pl": "0x11",
}  # fmt: skip
ON_OFF = {True: "1", False: "0"}
_XML_DIRECTORY = "0x2a"  # the number of the one directory whose address can be chosen


def named(pattern: str, at: At) -> str:
    """*pattern* with the line's number in it: ``{n}`` from 1, ``{i}`` from 0, ``{s}`` as ``_2``, nothing for line 1."""
    if at.line is None:
        return pattern
    number = at.line.number
    suffix = "" if number == 1 else f"_{number}"
    return pattern.replace("{n}", str(number)).replace("{i}", str(number - 1)).replace("{s}", suffix)


def text(pattern: str, value: Written, at: At) -> Entry:
    """A parameter that holds a text."""
    return Entry(named(pattern, at), value, TEXT)


def number(pattern: str, value: int, at: At) -> Entry:
    """A parameter that holds a number, written in hexadecimal as the maker does."""
    return Entry(named(pattern, at), f"{value:#x}", NUMBER)


def vocoders(wishes: tuple[str, ...]) -> str | None:
    """The codecs that these bases have, in the order of *wishes*; None when they have none of them."""
    found = [_VOCODERS[codec] for codec in wishes if codec in _VOCODERS]
    return ",".join(found + [_NO_VOCODER] * (_VOCODER_PLACES - len(found))) if found else None


def phonebook(url: str, at: At) -> Iterator[Entry]:
    """Write the one directory whose address can be chosen; further ones have no place. Wazo N510 base.tpl (M)."""
    if at.indices != (1,):
        return
    name = str(at.view.settings.get("phonebook.1.name", "Directory"))
    directory = "BS_XML_Netdirs.astNetdirProvider[0]"
    for which in ("aucAvailableNetdirs", "aucActivatedNetdirs", "aucNetdirSelForDirectAccess", "aucNetdirSelForIntKey"):
        yield Entry(f"BS_XML_Netdirs.{which}", _XML_DIRECTORY, NUMBER)
    yield Entry(f"{directory}.aucProviderName", name, TEXT)
    yield Entry(f"{directory}.aucPrivatePagesDirName", name, TEXT)
    yield Entry(f"{directory}.aucServerURL", url, TEXT)


def nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    yield from ()


def text_row(setting: str, pattern: str, *, section: str, each_line: bool = False) -> Parameter:
    """A row whose value is a text, or a secret."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        yield text(pattern, as_written(value), at)

    return writer_row(setting, write, section=section, each_line=each_line)


def number_row(setting: str, pattern: str, values: Mapping[Any, str] | None = None, *, section: str) -> Parameter:
    """A row whose value is one of the words *values*, or a number."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        word = f"{value:#x}" if values is None else values.get(value)
        if word is not None:
            yield Entry(named(pattern, at), word, NUMBER)

    return Parameter(setting=setting, write=write, values=values, section=section, source=WAZO, confidence="M")


def writer_row(
    setting: str,
    write: Writer,
    *,
    section: str,
    each_line: bool = False,
    source: str = WAZO,
    confidence: Confidence = "M",
) -> Parameter:
    """A row that writes for itself."""
    return Parameter(
        setting=setting, write=write, each_line=each_line, section=section, source=source, confidence=confidence
    )
