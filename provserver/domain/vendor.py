"""`Vendor`: everything a maker declares about its devices, as one value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from provserver.domain.artefact import FileEncryption, TextFormat
from provserver.domain.boot import BootScript, SimulatedPhone
from provserver.domain.bootstrap import BootstrapWay, ScannedCode
from provserver.domain.identity import FactoryCertificate, HTTPLogin, LoginForm
from provserver.domain.parameters import Confidence, Entry, Parameter, Written, supported_settings, write_entries
from provserver.domain.phonebook import PhonebookFormat
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView

CONFIG_KEY = "config_key"  # the secret setting that files are encrypted with
_WORD = re.compile(r"[\s_-]+")


class AfterDeletion(StrEnum):
    """What is safe to answer once the server has forgotten a password."""

    OMIT = "omit"  # leave the parameter out of the file: the phone keeps what it has
    NOT_FOUND = "not_found"  # do not serve the configuration at all: the phone keeps its last one


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterDeletionRule:
    """A maker's rule, with what is known of it. *unproven* means that no real phone has confirmed it."""

    answer: AfterDeletion
    reason: str
    source: str
    confidence: Confidence
    unproven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPattern:
    """
    One form of User-Agent.

    *words* are what its first word can begin with, lower case (for ``Mozilla/4.0 (compatible; snomD785``: snom).

    *pattern* has the groups ``model``, ``fw``, ``mac`` and ``serial`` as far as the form carries them.
    """

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    source: str
    confidence: Confidence
    model_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRule:
    """
    One file name a phone asks for, and what it gets.

    *pattern* is the name with ``{mac}`` (12 hex digits in any notation), ``{model}`` (letters, digits, ``_``),
    ``{number}`` (digits) or ``{part}`` (letters, digits, dashes); it may begin with a maker's folder, and may end in
    ``?mac={mac}``. *template* None: the name is known and answered with "not found", which the phone expects.
    *sections* chooses the rows of the parameter table. *configuration* marks the files that the after-deletion rule
    ``not_found`` withholds. *optional* marks names that phones of this maker normally miss: a miss is no signal.
    *model_prefix* stands before what ``{model}`` finds, where a name leaves a part of the model out.
    *after_deletion* is this file's own answer, for a maker whose families differ in it; None: the maker's.
    *encryptions* are the ways in which the file can be encrypted for a device that has a `config_key`, the usual first.
    *format_for* replaces *format* where devices of one maker ask for one name and read different formats.
    *checksum* names a hash (``md5``): the file is the hex digest of what the template gives, in one line.
    *form*: the file is the answer to a login that is posted to its name, in these fields; it is not to be had by GET.
    """

    name: str
    pattern: str
    template: str | None = None
    format: TextFormat | None = None
    format_for: Callable[[DeviceView], TextFormat] | None = None
    sections: frozenset[str] = frozenset()
    configuration: bool = False
    optional: bool = False
    model_prefix: str = ""
    after_deletion: AfterDeletion | None = None
    encryptions: tuple[FileEncryption, ...] = ()
    checksum: str = ""
    form: LoginForm | None = None
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRule:
    """
    One file name a phone sends to us.

    *may_hold_credentials*: it is destroyed with them. *returned*: the phone may read it back.
    """

    name: str
    pattern: str
    may_hold_credentials: bool = False
    returned: bool = False
    content_type: str = "application/octet-stream"
    max_bytes: int = 1_048_576  # Polycom caps its logs at 1024 kB (sheet polycom 1, H); others are smaller
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """
    What one model can hold: *lines* (SIP accounts), line *keys*, *softkeys*, expansion *modules* × *module_keys*.

    *number* is the maker's own number of the model where file names use it. None: not known, so nothing is refused.
    *refuses* says why such a device takes no SIP configuration from here; empty: it does.
    """

    name: str
    lines: int | None = None
    keys: int | None = None
    softkeys: int | None = None
    modules: int | None = None
    module_keys: int | None = None
    number: str | None = None
    refuses: str = ""
    source: str = ""
    confidence: Confidence = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyEvents:
    """SIP NOTIFY events that make a phone ask again: *resync* without a restart, *reboot* with one; None: not known."""

    resync: str | None
    reboot: str | None
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """How `simulate` plays this maker: a model and firmware to pretend, the User-Agent, and the boot script."""

    model: str
    firmware: str
    user_agent: Callable[[SimulatedPhone], str]
    boot: BootScript


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """
    A maker. *slug* names its module, templates, tests and metrics.

    *variables* computes what a template needs beyond the entries. *after_deletion_for* replaces the general rule where
    a setting of the device changes it, or the version that a User-Agent names (empty: not known). *raw* places a raw
    parameter in the file. *check* refuses combinations that the maker's devices cannot do (InvalidValue); single values
    are checked by the catalogue and by the format.
    *guest_ouis* are another maker's blocks in which some of its devices stand: there a file name can speak for it, but
    no MAC alone. *generated_ids* marks softphones: they have no MAC, only the id we gave them.
    *login* and *certificate* are the proofs its devices can give; None: not known to give any. *bootstrap* are the ways
    by which the server's URL gets into them, the usual one first; *scanned* the QR code from which they take it.
    *refuses* says why none of them takes a SIP configuration from here (see `unserved`): they can be entered, found and
    described, and nothing more.
    *phonebook* is how its devices read a remote phone book, if that is known.
    """

    slug: str
    name: str
    ouis: frozenset[str]
    guest_ouis: frozenset[str] = frozenset()
    agents: tuple[AgentPattern, ...]
    files: tuple[FileRule, ...]
    uploads: tuple[UploadRule, ...] = ()
    parameters: tuple[Parameter, ...]
    models: tuple[Model, ...] = ()
    after_deletion: AfterDeletionRule
    after_deletion_for: Callable[[DeviceView, str], AfterDeletion] | None = None
    notify: NotifyEvents
    simulation: Simulation
    variables: Callable[[DeviceView, FileRule], Mapping[str, object]] | None = None
    raw: Callable[[str, Written], Entry] = Entry
    check: Callable[[DeviceView], None] | None = None
    generated_ids: bool = False
    login: HTTPLogin | None = None
    certificate: FactoryCertificate | None = None
    bootstrap: tuple[BootstrapWay, ...]
    phonebook: PhonebookFormat | None = None
    scanned: ScannedCode | None = None
    refuses: str = ""
    sources: tuple[str, ...]
    _models: dict[str, Model] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_models", {model_key(model.name): model for model in self.models})

    def model(self, name: str | None) -> Model | None:
        """Find a model by any spelling of its name (``SIP-T54W``, ``t54w``); None when it is not in the table."""
        if not name:
            return None
        wanted = model_key(name)
        return self._models.get(wanted) or self._models.get(wanted.removeprefix("sip"))

    def refusal(self, model: str | None) -> str:
        """Why a device of this *model* takes no SIP configuration from here; empty: it does."""
        known = self.model(model)
        return (known.refuses if known else "") or self.refuses

    def entries(self, view: DeviceView, rule: FileRule) -> tuple[Entry, ...]:
        """The parameters of *view* that belong into the file of *rule*."""
        return write_entries(self.parameters, view, sections=rule.sections, raw=self.raw)

    def after_deletion_of(
        self, view: DeviceView, rule: FileRule | None = None, *, user_agent: str = ""
    ) -> AfterDeletion:
        """What is safe for this device, which says *user_agent*, and the file of *rule*, once a password is gone."""
        if rule is not None and rule.after_deletion is not None:
            return rule.after_deletion
        return self.after_deletion_for(view, user_agent) if self.after_deletion_for else self.after_deletion.answer

    def encryption_of(self, view: DeviceView, rule: FileRule) -> tuple[FileEncryption, SecretSlot] | None:
        """
        How the file of *rule* is encrypted for this device, and with which key; None when it has no key.

        That is the way which `config_encryption` asks for, or the usual one if the file knows no such way: a device
        with a key never gets its file in clear.
        """
        key = view.settings.get(CONFIG_KEY)
        if not rule.encryptions or not isinstance(key, SecretSlot):
            return None
        wanted = view.settings.get("config_encryption")
        return next((way for way in rule.encryptions if way.name == wanted), rule.encryptions[0]), key

    def supports(self, setting: str) -> bool:
        """Whether a catalogue row (``key.N``) becomes anything on this maker's devices."""
        return setting in supported_settings(self.parameters)

    def file(self, name: str) -> FileRule:
        """The file rule called *name*; KeyError when there is none, which is a mistake in the maker's module."""
        return next(rule for rule in self.files if rule.name == name)


def model_key(name: str) -> str:
    """A model's name as look-ups have it: lower case, no blanks, dashes or underscores."""
    return _WORD.sub("", name).lower()


def models(
    rows: Iterable[tuple[str, int | None, int | None]], *, source: str, confidence: Confidence
) -> tuple[Model, ...]:
    """Models from rows of (name, lines, keys)."""
    return tuple(
        Model(name=name, lines=lines, keys=keys, source=source, confidence=confidence) for name, lines, keys in rows
    )
