"""The dial, busy and ringing tones of a country, as chords and the patterns that play them."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Entry

Cadence = tuple[int, ...]  # milliseconds: on, off, on, off …; empty: without end
Tone = tuple[tuple[int, ...], Cadence]  # frequencies in Hz, and when they sound

_EVEN_425: Tone = ((425,), ())
_BUSY_425: Tone = ((425,), (500, 500))
_RING_425: Tone = ((425,), (1000, 4000))
_DOUBLE: Cadence = (400, 200, 400, 2000)

# Dial, busy, ringing. Asterisk's indications.conf, which cites ITU-T "Various tones used in national networks" and BT
# SIN 350. Ireland is missing there: recollection of the ITU list.
_COUNTRIES: dict[str, tuple[Tone, Tone, Tone]] = {
    "at": (((420,), ()), ((420,), (400, 400)), ((420,), (1000, 5000))),
    "au": (((413, 438), ()), ((425,), (375, 375)), ((413, 438), _DOUBLE)),
    "be": (_EVEN_425, _BUSY_425, ((425,), (1000, 3000))),
    "ch": (_EVEN_425, _BUSY_425, _RING_425),
    "cz": (((425,), (330, 330, 660, 660)), ((425,), (330, 330)), _RING_425),
    "de": (_EVEN_425, ((425,), (480, 480)), _RING_425),
    "dk": (_EVEN_425, _BUSY_425, _RING_425),
    "es": (_EVEN_425, ((425,), (200, 200)), ((425,), (1500, 3000))),
    "fi": (_EVEN_425, ((425,), (300, 300)), _RING_425),
    "fr": (((440,), ()), ((440,), (500, 500)), ((440,), (1500, 3500))),
    "gb": (((350, 440), ()), ((400,), (375, 375)), ((400, 450), _DOUBLE)),
    "ie": (_EVEN_425, _BUSY_425, ((400, 450), _DOUBLE)),
    "it": (((425,), (200, 200, 600, 1000)), _BUSY_425, _RING_425),
    "nl": (_EVEN_425, _BUSY_425, _RING_425),
    "no": (_EVEN_425, _BUSY_425, _RING_425),
    "nz": (((400,), ()), ((400,), (500, 500)), ((400, 450), _DOUBLE)),
    "pl": (_EVEN_425, _BUSY_425, _RING_425),
    "pt": (_EVEN_425, _BUSY_425, ((425,), (1000, 5000))),
    "se": (_EVEN_425, ((425,), (250, 250)), ((425,), (1000, 5000))),
    "us": (((350, 440), ()), ((480, 620), (500, 500)), ((440, 480), (2000, 4000))),
}
_NAMES = ("dialTone", "busyTone", "ringback")  # FusionPBX include/progress_tones; CX5500 guide p. 297


def write_tones(country: str, _at: At) -> Iterator[Entry]:
    """Write the tones of *country*, a code of the catalogue."""
    for name, (frequencies, cadence) in zip(_NAMES, _COUNTRIES[country], strict=True):
        yield from _chord(name, frequencies, cadence)
        yield from _pattern(name, cadence)


def _chord(name: str, frequencies: tuple[int, ...], cadence: Cadence) -> Iterator[Entry]:
    """What sounds. It is played once; how long and how often is the pattern's affair."""
    chord = f"tone.chord.callProg.{name}."
    first, second = (*frequencies, 0)[:2]
    yield Entry(chord + "freq.1", str(first))
    yield Entry(chord + "freq.2", str(second))
    yield Entry(chord + "onDur", str(cadence[0] if cadence else 0))  # 0: without end
    yield Entry(chord + "offDur", "0")
    yield Entry(chord + "repeat", "1" if cadence else "0")


def _pattern(name: str, cadence: Cadence) -> Iterator[Entry]:
    """The script: chord for so long, silence for so long, …, and back to the first instruction."""
    script: list[tuple[str, str, int | None]] = []
    for position, duration in enumerate(cadence):
        script.append(("silence", str(duration), None) if position % 2 else ("chord", name, duration))
    script.append(("branch", str(-len(script)), None) if script else ("chord", name, None))
    for number, (kind, value, on_ms) in enumerate(script, start=1):
        instruction = f"se.pat.callProg.{name}.inst.{number}."
        yield Entry(instruction + "type", kind)
        yield Entry(instruction + "value", value)
        if on_ms is not None:
            yield Entry(instruction + "param", str(on_ms))
