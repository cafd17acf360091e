"""
Which device asks, and for which file: `Catalogue.identify`, from the path first and the User-Agent second.

The path decides. The User-Agent is text that anyone can write; it adds model and firmware, and settles the maker only
where the path leaves several open. The cost does not grow with the number of makers: the path is brought into a shape
(``{mac}.cfg``) that is looked up, and so is the User-Agent's first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs, unquote

from provserver.domain.identity import LoginForm
from provserver.domain.mac import MacAddress
from provserver.domain.request import ProvRequest
from provserver.domain.vendor import AgentPattern, FileRule, UploadRule, Vendor
from provserver.errors import InvalidValue, NotFound

MAX_PATH_CHARS = 512  # the longest real one seen is under 100; Polycom allows 255 for a name (sheet polycom 1, H)
MAX_AGENT_CHARS = 512
_MAX_QUERY_FIELDS = 8  # phones ask with one, the MAC

_TOKEN = re.compile(
    r"[A-Za-z0-9_-]{22,64}"
)  # at least 128 bits in base64url; file names and folders have a dot or are short
_USUAL_PATH = re.compile(
    r"/(?:([A-Za-z0-9_-]{22,64})/)?([A-Za-z0-9_-][A-Za-z0-9_.-]*\.[a-z]{2,4})"
)  # nearly every request
_SAFE_PATH = re.compile(r"/[A-Za-z0-9_.~:@!$+,=()\[\] /-]*")
# ATA<MAC>.cnf.xml is a name of Cisco's (sheet cisco 1): there the letter before the MAC is a hex digit.
_MAC = re.compile(
    r"(?:(?<![0-9a-fA-F])|(?<=ATA))(?:[0-9a-fA-F]{12}|[0-9a-fA-F]{2}(?:([-:])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4})(?![0-9a-fA-F])"
)
_PLACEHOLDER = re.compile(r"\{(model|number|part)\}")
_PLACEHOLDER_FORMS = {"model": r"(?P<model>[A-Za-z0-9_]+)", "number": r"(?P<number>\d+)", "part": r"[A-Za-z0-9-]+"}
_FIRST_WORD = re.compile(r"(?:Mozilla/[\d.]+ \(compatible; )?([A-Za-z0-9]+)")
MAC_PLACE = "{mac}"
_AGENTS_KEPT = 8_192  # phones that poll say the same every time; 5 MB at most, whatever strangers send
_WORD_KEY = 4  # letters of the first word that are looked up: makers put the model right behind their name
_MAC_DIGITS = 12
_NO_BLOCK = "000000"  # Xerox, 1980; no phone

Rule = TypeVar("Rule")


class Agent(NamedTuple):  # this and Asked are made for every request
    """What a User-Agent says of itself; a claim, not a fact."""

    vendor: str
    model: str | None = None
    firmware: str | None = None
    mac: MacAddress | None = None
    serial: str | None = None

    def contradicts(self, vendor: str, mac: MacAddress | None) -> bool:
        """Whether it is another maker's phone than *vendor*'s, or says that it is another than *mac*."""
        return self.vendor != vendor or (self.mac is not None and mac is not None and self.mac != mac)


class Asked(NamedTuple):
    """A path taken apart: the token it carries, the file behind it, and the MAC in the file's name."""

    token: str | None
    file: str
    shape: str
    mac: MacAddress | None

    @property
    def plain_file(self) -> str:
        """The file with its MAC as 12 hex digits, in whichever notation it was asked."""
        return self.shape.replace(MAC_PLACE, self.mac.value) if self.mac else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """
    The request belongs to *vendor*; everything else as far as it is known.

    *agent_disagrees*: the User-Agent names another maker or another MAC than the path does.
    """

    vendor: str
    asked: Asked | None
    agent: Agent | None
    model: str | None = None
    firmware: str | None = None
    mac: MacAddress | None = None
    serial: str | None = None
    agent_disagrees: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unidentified:
    """Nobody's request: *reason* is ``hostile_path``, ``no_rule``, ``ambiguous`` or ``no_agent``."""

    reason: str
    asked: Asked | None = None
    agent: Agent | None = None


class Catalogue:
    """All makers, indexed for look-up. Immutable; one for the process."""

    def __init__(self, vendors: Iterable[Vendor]) -> None:
        self.vendors: Mapping[str, Vendor] = _BySlug({vendor.slug: vendor for vendor in vendors})
        self._files = _NameIndex[FileRule]()
        self._uploads = _NameIndex[UploadRule]()
        self._by_oui: dict[str, frozenset[str]] = {}
        self._guests: dict[str, frozenset[str]] = {}
        self._forms: dict[str, LoginForm] = {}
        self._generated = frozenset(slug for slug, vendor in self.vendors.items() if vendor.generated_ids)
        self._agents: dict[str, list[tuple[str, AgentPattern]]] = {}
        for slug, vendor in self.vendors.items():
            self._add(slug, vendor)
        self.read_agent = lru_cache(maxsize=_AGENTS_KEPT)(self._read_agent)

    def identify(self, request: ProvRequest) -> Identified | Unidentified:
        """Say whose request this is, from its path (if it has one) and its User-Agent. Asks no store."""
        agent = self.read_agent(request.user_agent)
        if not request.path:
            return _by_agent(agent)
        asked = take_apart(request.path, request.query)
        if asked is None:
            return Unidentified(reason="hostile_path", agent=agent)
        candidates = self._candidates(asked)
        if len(candidates) > 1 and agent is not None and agent.vendor in candidates:
            candidates = frozenset({agent.vendor})
        if not candidates:
            return Unidentified(reason="no_rule", asked=asked, agent=agent)
        if len(candidates) > 1:
            return Unidentified(reason="ambiguous", asked=asked, agent=agent)
        (slug,) = candidates
        return _merge(slug, asked, self._model_in(asked.shape, slug), agent)

    def _read_agent(self, text: str) -> Agent | None:
        """Read a User-Agent; None when no maker's phones say such a thing."""
        word = _FIRST_WORD.match(text)
        if word is None or len(text) > MAX_AGENT_CHARS:
            return None
        for slug, form in self._agents.get(word[1][:_WORD_KEY].lower(), ()):
            match = form.pattern.search(text)
            if match:
                return _agent(slug, form, match.groupdict())
        return None

    def file_rule(self, slug: str, asked: Asked) -> FileRule | None:
        """The rule of maker *slug* for the file that was asked; None when its phones ask no such thing."""
        return self._files.of(asked.shape, slug)

    def upload_rule(self, slug: str, asked: Asked) -> UploadRule | None:
        """The upload rule of maker *slug* for the file that was sent; None when its phones send no such thing."""
        return self._uploads.of(asked.shape, slug)

    def login_form(self, asked: Asked) -> LoginForm | None:
        """The fields of the login that is posted to the file that was asked, whichever maker's it is; None: none is."""
        return self._forms.get(asked.shape.lower())

    def names_a_file(self, asked: Asked) -> bool | None:
        """Whether some maker's phones ask for such a file: True if they normally miss it; None if none does."""
        rules = [self._files.of(asked.shape, slug) for slug in self._files.slugs(asked.shape)]
        if not rules:
            return False if self._uploads.slugs(asked.shape) else None
        return all(rule is not None and rule.optional for rule in rules)

    def makers_of(self, mac: MacAddress) -> frozenset[str]:
        """The makers that a MAC can belong to, by its block; softphones by their generated ids."""
        return self._generated if mac.is_local else self._by_oui.get(mac.oui, frozenset())

    def _candidates(self, asked: Asked) -> frozenset[str]:
        """The makers whose phones ask for such a file, and whose blocks do not speak against it."""
        named = self._files.slugs(asked.shape) | self._uploads.slugs(asked.shape)
        if asked.mac is None:
            return named
        owners = self.makers_of(asked.mac)
        if owners or asked.mac.is_local:
            return named & (owners | self._guests.get(asked.mac.oui, frozenset()))
        return named - self._generated  # a block that no maker declares: makers buy new ones faster than we learn them

    def _model_in(self, shape: str, slug: str) -> str | None:
        """The model that the file's name carries, if it does."""
        rule, model = self._files.model(shape, slug)
        return rule.model_prefix + model if rule is not None and model else None

    def _add(self, slug: str, vendor: Vendor) -> None:
        for rule in vendor.files:
            self._files.add(slug, rule.pattern, rule)
            if rule.form is not None:
                self._forms[rule.pattern.lower()] = rule.form
        for upload in vendor.uploads:
            self._uploads.add(slug, upload.pattern, upload)
        for oui in vendor.ouis:
            self._by_oui[oui] = self._by_oui.get(oui, frozenset()) | {slug}
        for oui in vendor.guest_ouis:
            self._guests[oui] = self._guests.get(oui, frozenset()) | {slug}
        for form in vendor.agents:
            for word in form.words:
                self._agents.setdefault(word[:_WORD_KEY], []).append((slug, form))


def take_apart(path: str, query: str = "") -> Asked | None:
    """
    Split *path* into token and file, and bring the file into its shape. None for a path no phone would send.

    Nothing here is ever mapped to a file on disk; the shape is only looked up.
    """
    if len(path) + len(query) > MAX_PATH_CHARS or query.count("&") >= _MAX_QUERY_FIELDS:
        return None
    usual = _USUAL_PATH.fullmatch(path)
    if usual:
        token, file = usual.groups()
    else:
        if "%" in path:
            path = unquote(path, errors="replace")
        if not _SAFE_PATH.fullmatch(path) or "//" in path or "/../" in path or path.endswith("/.."):
            return None
        token, file = _split_token(path[1:])
    match = _MAC.search(file)
    mac = _mac(match[0]) if match else None
    if match and mac:
        shape = f"{file[: match.start()]}{MAC_PLACE}{file[match.end() :]}"
        return Asked(token=token, file=file, shape=shape, mac=mac)
    mac = _mac(parse_qs(query).get("mac", [""])[0]) if query else None
    if mac:
        return Asked(token=token, file=f"{file}?mac={mac}", shape=f"{file}?mac={MAC_PLACE}", mac=mac)
    return Asked(token=token, file=file, shape=file, mac=None)


def _split_token(path: str) -> tuple[str | None, str]:
    first, slash, rest = path.partition("/")
    if _TOKEN.fullmatch(first):
        return first, rest if slash else ""
    return None, path


def _mac(text: str) -> MacAddress | None:
    """A MAC that a phone can have; names of common files count up from twelve zeros (``y000000000028.cfg``)."""
    digits = text if len(text) == _MAC_DIGITS else text.replace(":", "").replace("-", "").replace(".", "")
    if digits.startswith(_NO_BLOCK):
        return None
    try:
        return MacAddress(digits.lower())
    except InvalidValue:
        return None


def _agent(slug: str, form: AgentPattern, groups: Mapping[str, str | None]) -> Agent:
    model = groups.get("model")
    mac = groups.get("mac")
    return Agent(
        vendor=slug,
        model=form.model_prefix + model if model else None,
        firmware=groups.get("fw"),
        mac=_mac(mac) if mac else None,
        serial=groups.get("serial"),
    )


def _by_agent(agent: Agent | None) -> Identified | Unidentified:
    if agent is None:
        return Unidentified(reason="no_agent")
    return Identified(
        vendor=agent.vendor,
        asked=None,
        agent=agent,
        model=agent.model,
        firmware=agent.firmware,
        mac=agent.mac,
        serial=agent.serial,
    )


def _merge(slug: str, asked: Asked, model: str | None, agent: Agent | None) -> Identified:
    disagrees = agent is not None and agent.contradicts(slug, asked.mac)
    trusted = None if disagrees else agent
    return Identified(
        vendor=slug,
        asked=asked,
        agent=agent,
        model=(trusted.model if trusted else None) or model,
        firmware=trusted.firmware if trusted else None,
        mac=asked.mac or (trusted.mac if trusted else None),
        serial=trusted.serial if trusted else None,
        agent_disagrees=disagrees,
    )


class _BySlug(dict[str, Vendor]):
    """Makers by slug. One can be missing that a device has: makers of an operator's folder come and go."""

    def __missing__(self, slug: str) -> Vendor:
        raise NotFound("vendor", slug)


class _NameIndex(Generic[Rule]):
    """File names of all makers: whole shapes in one table, those with further placeholders in drawers by their ends."""

    def __init__(self) -> None:
        self._whole: dict[str, dict[str, Rule]] = {}
        self._drawers: dict[tuple[str, str], list[tuple[re.Pattern[str], str, Rule]]] = {}

    def add(self, slug: str, pattern: str, rule: Rule) -> None:
        """File *rule* of maker *slug* under its *pattern*."""
        if not _PLACEHOLDER.search(pattern):
            self._whole.setdefault(pattern.lower(), {})[slug] = rule
            return
        source = "".join(
            _PLACEHOLDER_FORMS[piece] if position % 2 else re.escape(piece)
            for position, piece in enumerate(_PLACEHOLDER.split(pattern))
        )
        drawer = ("" if pattern.startswith("{") else pattern[0].lower(), _ending(pattern))
        self._drawers.setdefault(drawer, []).append((re.compile(source, re.IGNORECASE), slug, rule))

    def slugs(self, shape: str) -> frozenset[str]:
        """The makers that know *shape*."""
        whole = self._whole.get(shape.lower())
        return frozenset(whole or ()) | {slug for _, slug, _ in self._in_drawers(shape)}

    def of(self, shape: str, slug: str) -> Rule | None:
        """The rule of maker *slug* for *shape*."""
        whole = self._whole.get(shape.lower())
        if whole is not None and slug in whole:
            return whole[slug]
        return next((rule for _, owner, rule in self._in_drawers(shape) if owner == slug), None)

    def model(self, shape: str, slug: str) -> tuple[Rule | None, str | None]:
        """The rule with further placeholders that *shape* fits, and the model it finds there, as far as there are."""
        for match, owner, rule in self._in_drawers(shape):
            if owner == slug:
                return rule, match.groupdict().get("model")
        return None, None

    def _in_drawers(self, shape: str) -> list[tuple[re.Match[str], str, Rule]]:
        ending = _ending(shape)
        found = []
        for drawer in ((shape[:1].lower(), ending), ("", ending)):
            for pattern, slug, rule in self._drawers.get(drawer, ()):
                match = pattern.fullmatch(shape)
                if match:
                    found.append((match, slug, rule))
        return found


def _ending(name: str) -> str:
    """What follows the last dot, without a query; the drawer's second half."""
    return name.partition("?")[0].rpartition(".")[2].lower() if "." in name else ""
