"""
From a device's view and a maker's file rule to bytes: `Renderer.render` makes a skeleton, `finish` what is sent.

`fill` puts the secrets in; a file that its maker's phones take encrypted is encrypted after that.

Templates run in a sandbox with strict undefined names. Every expression is escaped for the file's format on its way
out; a value that the format cannot carry stops the rendering. A secret appears only as ``{{ value | reveal }}``, and
while rendering it is nothing but a marked place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import Any, cast

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import ImmutableSandboxedEnvironment

from provserver.domain.artefact import Hole, Skeleton, TextFormat
from provserver.domain.blank import Blank, left_blank, shape_of
from provserver.domain.form import Form, Forms, Written, cut, mark_blank, mark_slot
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.parameters import Entry
from provserver.domain.phonebook import Number, PhonebookEntry
from provserver.domain.slot import SecretSlot
from provserver.domain.vendor import FileRule, Vendor
from provserver.domain.view import DeviceView, SharedSettings
from provserver.errors import InvalidValue, TemplateBroken, UnfitValue
from provserver.secret import Secret

TEMPLATES = Path(__file__).parent / "templates"
# Parameter names and shared settings come again in every file; looking one up takes a tenth of escaping it.
_WRITTEN_KEPT = 16_384
_PLAIN_VALUES = frozenset({DeviceView, Endpoint, Entry, Line, MacAddress, Number, PhonebookEntry})
_ENDING = ".j2"
# As templates raise, an operator's too: by a wrong name or type, by text methods, by including themselves.
_FAULTS = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A slot on its way through a template."""

    slot: SecretSlot


class Renderer:
    """
    Renders file rules of all makers. Holds compiled templates; one for the process.

    *templates* are texts by name (``acme/config.j2``), which go before those in *folder*.
    """

    def __init__(self, folder: Path = TEMPLATES, *, templates: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        own = dict(templates or {})
        # With its name as that of the file, which says in which template an error has happened.
        first = FunctionLoader(lambda name: (own[name], name, None) if name in own else None)
        self._loader = ChoiceLoader([first, FileSystemLoader(folder)])
        self._environments: dict[str, ImmutableSandboxedEnvironment] = {}
        self._templates: dict[tuple[str, str], Template] = {}

    def render(self, vendor: Vendor, rule: FileRule, view: DeviceView) -> Skeleton:
        """
        Render the file of *rule* for *view*.

        Raises UnfitValue naming the setting or line field that the format cannot carry, TemplateBroken for a template
        that fails by its own fault. The same arguments give the same bytes.
        """
        if isinstance(view.settings, SharedSettings):
            form = self._form(vendor, rule, view, view.settings)
            if form is not None:
                with suppress(ValueError):  # a text that the format cannot carry: written by itself, it says which
                    return form.filled_in(view)
        return self._write(vendor, rule, view).skeleton()

    def _form(self, vendor: Vendor, rule: FileRule, view: DeviceView, settings: SharedSettings) -> Form | None:
        """
        The file of *rule* as all devices of the model have it that share *settings*, with blanks for their own texts.

        None where one of the rows, or the template, looks at these texts. It is found out by trying, once.
        """
        key = (self, vendor.slug, rule.name, view.model)
        forms = cast("Forms | None", settings.written.get(key))
        if forms is None:
            forms = Forms(view.raw)
            settings.keep(key, forms)
        if forms.raw is not view.raw or forms.refused:
            return None
        shape = shape_of(view)
        form = forms.by_shape.get(shape)
        if form is None:
            try:
                written = self._write(vendor, rule, left_blank(view))
            except Exception:  # noqa: BLE001 - also what goes wrong by itself: it does so again for a device, and is seen
                forms.refused = True
                return None
            form = forms.keep(shape, Form(written))
        return form

    def _write(self, vendor: Vendor, rule: FileRule, view: DeviceView) -> Written:
        if rule.template is None or rule.format is None:
            raise TemplateBroken(vendor.slug, f"the file {rule.name!r} has no template")
        text_format = rule.format_for(view) if rule.format_for else rule.format
        name = f"{vendor.slug}/{rule.template}"
        try:
            values = dict(vendor.variables(view, rule)) if vendor.variables else {}
            if "entries" not in values:
                values["entries"] = vendor.entries(view, rule)
            text = self._template(name, text_format).render(values, device=view, lines=view.lines)
        except InvalidValue as error:  # what a tenant set for all its makers' devices, such as another maker's raw name
            raise UnfitValue(error.field, error.problem) from None
        except _Unfit as error:
            raise UnfitValue(_blame(view, text_format) or name, str(error)) from None  # the cause's frames hold values
        except _FAULTS as error:
            template, line = self._where(error, name)
            raise TemplateBroken(template, str(error), line=line) from error
        try:
            parts = cut(text, text_format)
        except ValueError:
            raise TemplateBroken(name, "damages the place of a secret") from None
        _refuse_foreign_places(parts, view, name)
        encryption, key = vendor.encryption_of(view, rule) or (None, None)
        return Written(parts, text_format, encryption, key, rule.checksum)

    def names_of(self, vendor: Vendor, rule: FileRule) -> frozenset[str]:
        """
        The names of the templates that the file of *rule* is made of, as far as they name one another by text.

        Raises TemplateBroken for one that is not there, or that is no template.
        """
        if rule.template is None or rule.format is None:
            return frozenset()
        environment = self._environment(rule.format)
        own = f"{vendor.slug}/{rule.template}"
        waiting, found = [(own, own, 0)], set[str]()
        while waiting:
            name, by, line = waiting.pop()
            found.add(name)
            try:
                source, *_ = self._loader.get_source(environment, name)
                named = set(find_referenced_templates(environment.parse(source, name, name)))
            except TemplateNotFound as error:
                raise TemplateBroken(by, f"there is no template {name!r}", line=line) from error
            except TemplateSyntaxError as error:
                raise TemplateBroken(name, str(error), line=error.lineno) from error
            others = sorted({other for other in named if other is not None} - found)
            waiting += [(other, name, source[: source.find(other)].count("\n") + 1) for other in others]
        return frozenset(found)

    def page(self, name: str, text_format: TextFormat, values: Mapping[str, object]) -> bytes:
        """
        Render the template *name*, of what belongs to no single device and holds no secret.

        Raises UnfitValue for a value that the format cannot carry, TemplateBroken for a template that fails by itself.
        """
        try:
            text = self._template(name, text_format).render(values)
        except _Unfit as error:
            raise UnfitValue(name, str(error)) from None
        except _FAULTS as error:
            template, line = self._where(error, name)
            raise TemplateBroken(template, str(error), line=line) from error
        return text_format.encoded(text)

    def _template(self, name: str, text_format: TextFormat) -> Template:
        key = (text_format.name, name)
        found = self._templates.get(key)
        if found is None:
            found = self._templates[key] = self._environment(text_format).get_template(name)
        return found

    def _environment(self, text_format: TextFormat) -> ImmutableSandboxedEnvironment:
        environment = self._environments.get(text_format.name)
        if environment is None:
            environment = _Sandbox(
                loader=self._loader,
                undefined=StrictUndefined,
                autoescape=False,
                trim_blocks=True,
                lstrip_blocks=True,
                keep_trailing_newline=True,
                auto_reload=False,
                finalize=_finalizer(text_format.escape),
            )
            environment.filters["reveal"] = _reveal
            environment.filters["by_place"] = _by_place
            environment.tests["secret"] = lambda value: isinstance(value, SecretSlot)
            self._environments[text_format.name] = environment
        return environment

    def _where(self, error: Exception, name: str) -> tuple[str, int]:
        """The template that failed, the one called *name* or one that it takes in, and its line; 0: not known."""
        if isinstance(error, TemplateSyntaxError):
            return error.name or name, error.lineno
        lines = [
            (frame.f_code.co_filename, line)
            for frame, line in walk_tb(error.__traceback__)
            if frame.f_code.co_filename.endswith(_ENDING)  # Jinja has put the templates' own frames in
        ]
        if not lines:
            return name, 0
        file, line = lines[-1]
        return file.removeprefix(f"{self._folder}/"), line


def fill(skeleton: Skeleton, secrets: Mapping[str, Secret]) -> bytes:
    """
    Put *secrets* (by field) into the holes of *skeleton*.

    This is the only place where plaintext meets an artefact. Raises UnfitValue for a secret that the format cannot
    carry, and KeyError for a missing one: an artefact is complete or it is not made.
    """
    parts: list[bytes] = []
    for part in skeleton.parts:
        if isinstance(part, bytes):
            parts.append(part)
            continue
        slot = part.slot
        try:
            parts.append(part.escape(slot.filled(secrets[slot.field].reveal())).encode(part.charset))
        except UnicodeEncodeError:  # its own message quotes what it could not encode
            raise UnfitValue(slot.field, "has characters that the file cannot carry") from None
        except ValueError as error:
            raise UnfitValue(slot.field, str(error)) from None  # the cause's frames hold the secret
    whole = b"".join(parts)
    if skeleton.checksum:  # devices compare it with what arrived; it protects nothing
        return hashlib.new(skeleton.checksum, whole, usedforsecurity=False).hexdigest().encode() + b"\n"
    return whole


def finish(skeleton: Skeleton, secrets: Mapping[str, Secret]) -> bytes:
    """
    Make the bytes that a phone is sent: `fill`, and encrypt them if the skeleton says so.

    Raises as `fill` does; UnfitValue too for a key that the encryption cannot use.
    """
    content = fill(skeleton, secrets)
    if skeleton.encryption is None or skeleton.key is None:
        return content
    try:
        return skeleton.encryption.encrypt(content, secrets[skeleton.key.field].reveal())
    except ValueError as error:
        raise UnfitValue(skeleton.key.field, str(error)) from None  # the cause's frames hold the key


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox that knows our own values: frozen, without methods that do anything, and looked at in every line."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - Jinja's signature
        """Jinja's own check of an attribute takes 5 µs, a fifth of the whole rendering."""
        if type(obj) in _PLAIN_VALUES and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                return self.undefined(obj=obj, name=attribute)  # says what is missing, as soon as it is used
        return super().getattr(obj, attribute)


class _Unfit(Exception):
    """A value that its format cannot carry."""


def _finalizer(escape: Callable[[str], str]) -> Callable[[object], str]:
    @lru_cache(maxsize=_WRITTEN_KEPT, typed=True)
    def spell(value: object) -> str:
        if type(value) is str:
            try:
                return escape(value)
            except ValueError as error:
                raise _Unfit(str(error)) from None
        if type(value) is int:
            return str(value)
        if type(value) is _Place:
            try:
                return mark_slot(value.slot)
            except ValueError as error:
                raise _Unfit(str(error)) from None
        # Strict undefined names say themselves what is missing; all else has no spelling in a phone's file.
        str(value)
        msg = f"a {type(value).__name__} was written where a text belongs"
        raise TypeError(msg)

    def finalize(value: object) -> str:
        return mark_blank(value) if type(value) is Blank else spell(value)

    return finalize


def _reveal(value: object) -> _Place:
    if not isinstance(value, SecretSlot):
        msg = f"reveal takes a secret, not a {type(value).__name__}"
        raise TypeError(msg)
    return _Place(value)


def _by_place(entries: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """Entries by the section they belong to, sections in the order of their names."""
    places: dict[str, list[Entry]] = {}
    for entry in entries:
        places.setdefault(entry.place, []).append(entry)
    return sorted(places.items())


def _refuse_foreign_places(parts: Iterable[bytes | Hole | Blank], view: DeviceView, name: str) -> None:
    """
    Raise TemplateBroken for a hole that no secret of *view* accounts for.

    Fail closed: text that looks like the place of a secret opens none, whatever a template does with its output.
    """
    fields = {part.slot.field for part in parts if isinstance(part, Hole)}
    fields -= {view.provisioning_url.field, *(line.password.field for line in view.lines if line.password)}
    if fields:  # of the settings, which are many and rarely secret
        values = (*view.settings.values(), *view.raw.values())
        fields -= {value.field for value in values if type(value) is SecretSlot}
    if fields:
        raise TemplateBroken(name, "holds the place of a secret that this device has not")


def _blame(view: DeviceView, text_format: TextFormat) -> str | None:
    """Find the name of the value that the format refuses."""
    for name, value in (*view.settings.items(), *((f"raw.{key}", value) for key, value in view.raw.items())):
        if _refused(value, text_format):
            return name
    for line in view.lines:
        for field in ("label", "display_name", "user_name", "auth_name", "voicemail"):
            if _refused(getattr(line, field), text_format):
                return f"line {line.number}, {field}"
    return None


def _refused(value: object, text_format: TextFormat) -> bool:
    try:
        text_format.escape(str(value))
    except ValueError:
        return True
    return False
