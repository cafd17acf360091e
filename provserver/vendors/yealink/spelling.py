"""How a parameter is spelled for a model's firmware, and the table rows that are written with that in mind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer, as_written
from provserver.vendors.yealink.models import Generation, generation

SHEET = "sheet yealink 5"
SWITCH = {True: "1", False: "0"}


@lru_cache(maxsize=8192)  # some forty parameters for each model there is
def spellings(name: str, model: str | None, *, plain_until: Generation = Generation.ACROSS_V81) -> tuple[str, ...]:
    """
    The names of the parameter that is called ``static.<name>`` today, for *model*.

    Older firmware knows it as *name* alone. A model that may run either gets both: what a phone does not know it
    ignores (sheet yealink 4, M), and the two never differ in value. *plain_until* is the last generation that may have
    firmware with the plain name.
    """
    born = generation(model)
    plain = (name,) if born <= plain_until else ()
    prefixed = (f"static.{name}",) if born > Generation.BEFORE_V81 else ()
    return plain + prefixed


def row(
    setting: str,
    write: str | Writer,
    values: Mapping[Any, str] | None = None,
    *,
    section: str = "system",
    source: str = SHEET,
    mark: Confidence = "H",
) -> Parameter:
    """A row for a parameter that is called the same everywhere, or whose writer knows how."""
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)


def static(  # a row of the table, with the columns that rows of this kind have
    setting: str,
    name: str,
    *,
    values: Mapping[Any, str] | None = None,
    also: Mapping[str, str] | None = None,
    plain_until: Generation = Generation.ACROSS_V81,
    section: str = "system",
    source: str,
    confidence: Confidence,
) -> Parameter:
    """A row for a parameter that newer firmware calls ``static.<name>``; *also* are constants written with it."""
    write = _static_writer(name, values=values, also=also or {}, plain_until=plain_until)
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=confidence)


def _static_writer(
    name: str, *, values: Mapping[Any, str] | None, also: Mapping[str, str], plain_until: Generation
) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        found = values.get(value) if values is not None else value
        if found is None:
            return
        written = as_written(found)
        for parameter, text in (*also.items(), (name, written)):
            for spelled in spellings(parameter, at.view.model, plain_until=plain_until):
                yield Entry(spelled, text)

    return write
