"""
The operator's folder becomes makers: `load_makers`. Read once, at start; nothing in it is ever executed.

    <folder>/<slug>/maker.toml   what is different for a built-in maker, or all there is to know of a new one
    <folder>/<slug>/*.j2         templates; one with the name of a built-in one takes its place
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from provserver.domain.vendor import Vendor
from provserver.errors import ConfigurationError
from provserver.identify import Catalogue
from provserver.local.checks import check_alone, check_between, template_problems
from provserver.local.document import Document
from provserver.local.maker import changed_maker, new_maker
from provserver.local.places import line_of, syntax_problem
from provserver.local.problem import LocalMakersBroken, Problem, Wrong
from provserver.render import TEMPLATES, Renderer
from provserver.vendors import load_vendors

DOCUMENT = "maker.toml"
_SLUG = re.compile(r"[a-z][a-z0-9]{0,31}")
_MAX_BYTES = 1_048_576  # the largest built-in maker's tables and templates together are a tenth of that
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # places of secrets are marked with some of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Makers:
    """All makers there are; *local* are the slugs that the folder adds or changes, *templates* its texts by name."""

    vendors: tuple[Vendor, ...]
    local: frozenset[str] = frozenset()
    templates: Mapping[str, str] = field(default_factory=dict)


def load_makers(folder: Path | None) -> Makers:
    """
    The built-in makers, with what *folder* says; without one they alone.

    Raises LocalMakersBroken with all that is wrong in it: a folder is used as a whole or not at all.
    """
    built_in = load_vendors()
    if folder is None:
        return Makers(vendors=built_in)
    problems: list[Problem] = []
    found = [_read(place, built_in, problems) for place in _places(folder)]
    changed = {one.vendor.slug: one for one in found if one is not None}
    others = [vendor for vendor in built_in if vendor.slug not in changed]
    vendors = tuple(sorted([*others, *(one.vendor for one in changed.values())], key=lambda vendor: vendor.slug))
    catalogue = Catalogue(vendors)
    templates = {name: text for one in changed.values() for name, text in one.templates.items()}
    renderer = Renderer(templates=templates)
    for one in changed.values():
        try:
            check_between(one.vendor, one.document, catalogue)
        except Wrong as wrong:
            problems.append(one.problem(wrong))
        for name, line, what in template_problems(one.vendor, renderer, one.templates):
            problems.append(Problem(file=str(folder / name), line=line, what=what))
    if problems:
        raise LocalMakersBroken(sorted(set(problems)))
    return Makers(vendors=vendors, local=frozenset(changed), templates=templates)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One maker of the folder, with the text of its document and its templates."""

    vendor: Vendor
    place: Path
    text: str
    document: Document
    templates: Mapping[str, str]

    def problem(self, wrong: Wrong) -> Problem:
        return _problem(self.place / DOCUMENT, self.text, wrong.path, wrong.what)


def _places(folder: Path) -> list[Path]:
    try:
        return sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(f"vendors.folder {folder}: {error.strerror or error}") from error


def _read(place: Path, built_in: Sequence[Vendor], problems: list[Problem]) -> _Found | None:
    """The maker in the folder *place*; None, and what is wrong among *problems*, when there is none to be had."""
    if not _SLUG.fullmatch(place.name):
        problems.append(Problem(file=str(place), line=0, what="is not named by letters and digits in lower case"))
        return None
    file = place / DOCUMENT
    known = next((vendor for vendor in built_in if vendor.slug == place.name), None)
    before = len(problems)
    text = "" if known is not None and not file.exists() else _text(file, problems)
    templates = {f"{place.name}/{one.relative_to(place).as_posix()}": one for one in sorted(place.rglob("*.j2"))}
    texts = {name: _template(one, problems) for name, one in templates.items()}
    problems += _open_to_all(place.parent, place, file, *templates.values())
    if len(problems) > before:
        return None
    try:
        document = Document.model_validate(tomllib.loads(text))
        vendor = new_maker(place.name, document) if known is None else changed_maker(known, document)
        check_alone(vendor, document)
        _check_templates(place.name, document, texts)
    except tomllib.TOMLDecodeError as error:
        line, what = syntax_problem(str(error), text)
        problems.append(Problem(file=str(file), line=line, what=what))
        return None
    except ValidationError as error:
        problems += [
            _problem(file, text, one["loc"], _said(one["type"], one["loc"], one["msg"])) for one in error.errors()
        ]
        return None
    except Wrong as wrong:
        problems.append(_problem(file, text, wrong.path, wrong.what))
        return None
    return _Found(vendor=vendor, place=place, text=text, document=document, templates=texts)


def _check_templates(slug: str, document: Document, texts: Mapping[str, str]) -> None:
    """Raise Wrong for a template that is neither in the folder nor built in."""
    for number, table in enumerate(document.file):
        name = f"{slug}/{table.template}"
        if table.template is not None and name not in texts and not (TEMPLATES / name).is_file():
            raise Wrong(("file", number, "template"), f"there is no template {table.template!r}")


def _open_to_all(*files: Path) -> Iterator[Problem]:
    """Fail closed: what every user of the machine can write would decide what phones get."""
    for file in files:
        if file.exists() and file.stat().st_mode & stat.S_IWOTH:
            yield Problem(file=str(file), line=0, what="can be written by everybody")


def _problem(file: Path, text: str, path: Sequence[str | int], what: str) -> Problem:
    return Problem(file=str(file), line=line_of(text, path), what=what)


def _said(kind: str, path: Sequence[str | int], message: str) -> str:
    """What the library found, in words like ours."""
    name = ".".join(part for part in path if isinstance(part, str))
    if kind == "missing":
        return f"{name} is needed"
    if kind == "extra_forbidden":
        return f"{name} is not known"
    return f"{name}: {message[:1].lower()}{message[1:]}"


def _template(file: Path, problems: list[Problem]) -> str:
    text = _text(file, problems)
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONTROL.search(line):
            problems.append(Problem(file=str(file), line=number, what="holds a control character"))
    return text


def _text(file: Path, problems: list[Problem]) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        problems.append(Problem(file=str(file), line=0, what=(error.strerror or str(error)).lower()))
        return ""
    if len(content) > _MAX_BYTES:
        problems.append(Problem(file=str(file), line=0, what=f"is larger than {_MAX_BYTES} bytes"))
        return ""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.append(Problem(file=str(file), line=line, what="is not UTF-8"))
        return ""
