"""Audio codecs in both notations: by name since V83, numbered rows before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from provserver.domain.parameters import At, Entry
from provserver.vendors.yealink.models import Generation, generation

# The names since V83 (sheet yealink 5, H). G.726 and iLBC come in rates, each a codec of its own (templates of tancredi
# and fusionpbx for T54W, H); g726 of the catalogue is the 32 kbit/s one, which RFC 3551 describes.
_NAMED = {
    "opus": ("opus",),
    "g722": ("g722",),
    "pcma": ("pcma",),
    "pcmu": ("pcmu",),
    "g729": ("g729",),
    "g726": ("g726_32",),
    "ilbc": ("ilbc", "ilbc_15_2kbps", "ilbc_13_33kbps"),
}
# payload_type and rtpmap of the numbered rows: administrator guides T2x and T54S, "account.X.codec.Y" (H).
_NUMBERED = {
    "opus": ("opus", "107"),
    "g722": ("G722", "9"),
    "pcma": ("PCMA", "8"),
    "pcmu": ("PCMU", "0"),
    "g729": ("G729", "18"),
    "g726": ("G726-32", "102"),
    "ilbc": ("iLBC", "106"),
}


def write_codecs(wanted: tuple[str, ...], at: At) -> list[Entry]:
    """Switch on the *wanted* codecs in their order and all others off; nothing if the phone has none of them."""
    if at.line is None:
        return []
    prefix = f"account.{at.line.number}.codec."
    return [Entry(prefix + name, value) for name, value in _spelled(wanted, generation(at.view.model))]


@lru_cache(maxsize=256)  # people agree on a few orders; without it, half of a phone's file is this
def _spelled(wanted: tuple[str, ...], born: Generation) -> tuple[tuple[str, str], ...]:
    """What *wanted* is in the words of a generation, without the account."""
    offered = [codec for codec in wanted if codec in _NAMED]
    if not offered:
        return ()
    refused = [codec for codec in _NAMED if codec not in offered]
    found: list[tuple[str, str]] = []
    if born <= Generation.SINCE_V81:
        found += _numbered(offered, refused)
    if born > Generation.BEFORE_V81:
        found += _named(offered, refused)
    return tuple(found)


def _named(offered: list[str], refused: list[str]) -> Iterator[tuple[str, str]]:
    for priority, codec in enumerate(offered, start=1):
        for name in _NAMED[codec]:
            yield f"{name}.enable", "1"
            yield f"{name}.priority", str(priority)
    for codec in refused:
        for name in _NAMED[codec]:
            yield f"{name}.enable", "0"


def _numbered(offered: list[str], refused: list[str]) -> Iterator[tuple[str, str]]:
    """
    All our codecs in the first rows, whichever the model had there.

    Models number their codecs differently, so each row says which codec it holds. The factory puts the codecs it uses
    into the first six rows; those after our seven have the default priority 0 (administrator guide T2x, M).
    """
    for row, codec in enumerate((*offered, *refused), start=1):
        payload, rtpmap = _NUMBERED[codec]
        yield f"{row}.enable", "1" if codec in offered else "0"
        yield f"{row}.payload_type", payload
        yield f"{row}.priority", str(row) if codec in offered else "0"
        yield f"{row}.rtpmap", rtpmap
