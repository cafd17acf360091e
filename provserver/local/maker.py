"""From a document to a `Vendor`: `new_maker`, or `changed_maker` where a built-in one has the same slug."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from provserver.domain.artefact import TextFormat
from provserver.domain.bootstrap import BootstrapWay, Way
from provserver.domain.formats import KEY_VALUE, XML, escape_key_value
from provserver.domain.identity import AuthScheme, HTTPLogin
from provserver.domain.parameters import DEVICE, Confidence, Parameter
from provserver.domain.vendor import (
    AfterDeletion,
    AfterDeletionRule,
    AgentPattern,
    FileRule,
    Model,
    NotifyEvents,
    Simulation,
    Vendor,
    model_key,
)
from provserver.local.agents import agent_of, spelled
from provserver.local.booting import boot_script
from provserver.local.document import Document, Fact, FileTable, ModelTable
from provserver.local.problem import Wrong
from provserver.local.rows import kinds_of, parameter_of

RAW = "raw"  # the section of raw parameters
_SOURCE = "the operator's folder"
_CONFIDENCE: Confidence = "L"  # where the document says nothing of it
_OUI = re.compile(r"[0-9a-f]{6}")
_GROUP_OR_LOCAL = 0b11  # of the first byte: blocks of makers have neither bit
_PATTERN = re.compile(r"(?:\{(?:mac|model|number|part)\}|[A-Za-z0-9._/-])+(?:\?mac=\{mac\})?")
_EVENT = re.compile(r"[A-Za-z0-9.-]{1,64}(?:;[A-Za-z-]{1,32}=[A-Za-z0-9.-]{1,32}){0,4}")  # check-sync;reboot=false
_BOOT = re.compile(r"(?:\{(?:mac|model)\}|[A-Za-z0-9._/?=-])+")
_NEEDED = ("name", "ouis", "agent", "model", "file", "parameter", "after_deletion", "bootstrap", "simulation")
_LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}

Row = TypeVar("Row", FileRule, Model)


def _escape_quoted(value: str) -> str:
    """A value between quotation marks, in which there is no spelling for one."""
    if '"' in value:
        raise ValueError("holds a quotation mark, which is where a value ends")
    return escape_key_value(value)


_FORMATS = {
    "xml": XML,
    "key_value": KEY_VALUE,
    "quoted": TextFormat(name="quoted", content_type=KEY_VALUE.content_type, escape=_escape_quoted),
}


def new_maker(slug: str, document: Document) -> Vendor:
    """The maker that *document* describes as a whole; Wrong for what is missing or cannot be."""
    for name in _NEEDED:
        if not getattr(document, name):
            raise Wrong((name,), f"{name} is needed, for there is no built-in maker {slug!r}")
    reader = _Reader(document)
    parameters = reader.parameters()
    sections = frozenset(row.section for row in parameters) | {RAW}
    simulation = document.simulation
    assert simulation is not None  # noqa: S101 - it is needed
    for position, file in enumerate(simulation.boot):
        if not _BOOT.fullmatch(file):
            raise Wrong(("simulation", "boot"), f"file {position + 1} is not a name with {{mac}} or {{model}}")
    reader.agent(simulation.user_agent, ("simulation", "user_agent"))
    after_deletion = reader.after_deletion()
    assert after_deletion is not None  # noqa: S101 - it is needed
    return Vendor(
        slug=slug,
        name=document.name or slug,
        ouis=reader.ouis("ouis"),
        guest_ouis=reader.ouis("guest_ouis"),
        agents=reader.agents(),
        files=tuple(reader.files((), sections)),
        parameters=parameters,
        models=tuple(reader.models(())),
        after_deletion=after_deletion,
        notify=reader.notify() or NotifyEvents(resync=None, reboot=None, source=_SOURCE, confidence=_CONFIDENCE),
        simulation=Simulation(
            model=simulation.model,
            firmware=simulation.firmware,
            user_agent=lambda phone: spelled(simulation.user_agent, phone),
            boot=boot_script(simulation.boot, document.parameter),
        ),
        login=reader.login(),
        bootstrap=tuple(reader.bootstrap()),
        sources=(document.source or _SOURCE,),
    )


def changed_maker(vendor: Vendor, document: Document) -> Vendor:
    """*vendor* with what *document* says instead, and in addition; Wrong for what cannot be."""
    if document.simulation is not None:
        raise Wrong(("simulation",), "a built-in maker has one already, which is part of the program")
    reader = _Reader(document)
    rows = reader.parameters()
    replaced = {row.setting for row in rows} - {DEVICE}
    parameters = (*(row for row in vendor.parameters if row.setting not in replaced), *rows)
    sections = frozenset(row.section for row in parameters) | {RAW}
    return replace(
        vendor,
        name=document.name or vendor.name,
        ouis=vendor.ouis | reader.ouis("ouis"),
        guest_ouis=vendor.guest_ouis | reader.ouis("guest_ouis"),
        agents=(*reader.agents(), *vendor.agents),
        files=tuple(reader.files(vendor.files, sections)),
        parameters=parameters,
        models=tuple(reader.models(vendor.models)),
        after_deletion=reader.after_deletion() or vendor.after_deletion,
        after_deletion_for=vendor.after_deletion_for if document.after_deletion is None else None,
        notify=reader.notify() or vendor.notify,
        login=reader.login() or vendor.login,
        bootstrap=(*reader.bootstrap(), *vendor.bootstrap),
    )


class _Reader:
    """Reads the tables of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def ouis(self, name: str) -> frozenset[str]:
        for oui in getattr(self._document, name):
            if not _OUI.fullmatch(oui) or int(oui[:2], 16) & _GROUP_OR_LOCAL:
                raise Wrong((name,), f"{oui!r} is not six lower-case hex digits of a maker's block")
        return frozenset(getattr(self._document, name))

    def agents(self) -> tuple[AgentPattern, ...]:
        return tuple(
            agent_of(row.form, path=("agent", number, "form"), **self._facts(row))
            for number, row in enumerate(self._document.agent)
        )

    def agent(self, form: str, path: Sequence[str | int]) -> AgentPattern:
        return agent_of(form, path=path, source=_SOURCE, confidence=_CONFIDENCE)

    def parameters(self) -> tuple[Parameter, ...]:
        rows = self._document.parameter
        return tuple(
            parameter_of(row, ("parameter", number), kinds=kinds_of(rows, row.setting), **self._facts(self._document))
            for number, row in enumerate(rows)
        )

    def files(self, before: Sequence[FileRule], sections: frozenset[str]) -> Iterator[FileRule]:
        yield from _merged(
            "file", before, self._document.file, lambda row, path, known: self._file(row, path, known, sections)
        )

    def models(self, before: Sequence[Model]) -> Iterator[Model]:
        yield from _merged("model", before, self._document.model, self._model, key=model_key)

    def after_deletion(self) -> AfterDeletionRule | None:
        table = self._document.after_deletion
        if table is None:
            return None
        return AfterDeletionRule(
            answer=AfterDeletion(table.answer), reason=table.reason, unproven=table.unproven, **self._facts(table)
        )

    def notify(self) -> NotifyEvents | None:
        table = self._document.notify
        if table is None:
            return None
        for name in ("resync", "reboot"):
            event = getattr(table, name)
            if event is not None and not _EVENT.fullmatch(event):
                raise Wrong(("notify", name), f"{event!r} is not the name of an event")
        return NotifyEvents(resync=table.resync, reboot=table.reboot, **self._facts(table))

    def login(self) -> HTTPLogin | None:
        table = self._document.login
        if table is None:
            return None
        return HTTPLogin(schemes=frozenset(map(AuthScheme, table.schemes)), **self._facts(table))

    def bootstrap(self) -> Iterator[BootstrapWay]:
        for number, row in enumerate(self._document.bootstrap):
            try:
                yield BootstrapWay(
                    way=Way(row.way),
                    text=row.text,
                    dhcp_option=row.dhcp_option,
                    dhcp_suboption=row.dhcp_suboption,
                    dhcp_classes=row.dhcp_classes,
                    **self._facts(row),
                )
            except ValueError as error:
                raise Wrong(("bootstrap", number), str(error).partition(":")[0]) from None

    def _model(self, row: ModelTable, _path: Sequence[str | int], known: Model | None) -> Model:
        return _replaced(known, row, self._facts(row)) if known else Model(**row.model_dump() | self._facts(row))

    def _file(
        self, row: FileTable, path: Sequence[str | int], known: FileRule | None, sections: frozenset[str]
    ) -> FileRule:
        if row.pattern is None and known is None:
            raise Wrong(path, "pattern is needed")
        if row.pattern is not None and not _PATTERN.fullmatch(row.pattern):
            raise Wrong((*path, "pattern"), f"{row.pattern!r} is not a file's name with {{mac}}, {{model}} …")
        for section in row.sections or ():
            if section not in sections:
                raise Wrong((*path, "sections"), f"no parameter is in the section {section!r}")
        given = row.model_dump(exclude={"format", "content_type", "line_end"}, exclude_none=True)
        if row.sections is not None:
            given["sections"] = frozenset(row.sections)
        elif known is None and row.template is not None:
            given["sections"] = sections
        if row.after_deletion is not None:
            given["after_deletion"] = AfterDeletion(row.after_deletion)
        given |= self._format(row, path, known) | self._facts(row)
        return replace(known, **given) if known else FileRule(**given)

    def _format(self, row: FileTable, path: Sequence[str | int], known: FileRule | None) -> dict[str, Any]:
        """The column *format*, where the row says anything of it; it replaces one that depends on the device, too."""
        text_format = _FORMATS[row.format] if row.format else known.format if known else None
        template = row.template or (known.template if known else None)
        if (template is None) is not (text_format is None):
            raise Wrong(path, "template and format belong together")
        if text_format is None or (row.format, row.content_type, row.line_end) == (None, None, None):
            return {}
        text_format = replace(
            text_format,
            content_type=row.content_type or text_format.content_type,
            line_end=_LINE_ENDS[row.line_end] if row.line_end else text_format.line_end,
        )
        if not re.fullmatch(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(?:; ?charset=utf-8)?", text_format.content_type):
            raise Wrong((*path, "content_type"), f"{row.content_type!r} is not a content type in UTF-8")
        return {"format": text_format, "format_for": None}

    def _facts(self, fact: Fact) -> dict[str, Any]:
        confidence: Confidence = fact.confidence or self._document.confidence or _CONFIDENCE
        return {"source": fact.source or self._document.source or _SOURCE, "confidence": confidence}


def _merged(
    name: str,
    before: Sequence[Row],
    tables: Sequence[Any],
    make: Callable[[Any, Sequence[str | int], Row | None], Row],
    *,
    key: Callable[[str], str] = str,
) -> Iterator[Row]:
    """The rows there are, those of *tables* in the place of their namesakes or behind them all."""
    rows = {key(row.name): row for row in before}
    seen: set[str] = set()
    for number, table in enumerate(tables):
        own = key(table.name)
        if own in seen:
            raise Wrong((name, number, "name"), f"{table.name!r} is there twice")
        seen.add(own)
        rows[own] = make(table, (name, number), rows.get(own))
    yield from rows.values()


def _replaced(known: Row, table: BaseModel, facts: dict[str, Any]) -> Row:
    return replace(known, **table.model_dump(exclude_none=True, exclude={"name"}) | facts)
