"""
Files that phones fetch as they are: firmware, ring tones, backgrounds, languages; and which version a device gets.

A `Bundle` is all files of one maker, model, kind and version: they lie in one folder, because phones ask for several
files of one firmware beside each other (Cisco's ``.loads`` and what it names). A `Pin` chooses a bundle for the devices
of one owner.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from provserver.domain.device import Device
from provserver.domain.mac import MacAddress
from provserver.domain.vendor import model_key
from provserver.errors import InvalidValue

ASSETS_PATH = "/assets/"  # the first part of every path below which bundles lie

# No blank, no percent sign and no slash: what a phone asks is what is looked up. Longest name seen: 47, Cisco's loads.
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()+-]{0,126}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+()-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PARTS = 10_000  # of a roll-out: steps of a hundredth of a percent
# What browsers, and phones with one, look at. Everything else is bytes.
_TYPES = {
    "bmp": "image/bmp",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "mp3": "audio/mpeg",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
    "wav": "audio/wav",
    "xml": "text/xml; charset=utf-8",
}


class AssetKind(StrEnum):
    """What an asset is for."""

    FIRMWARE = "firmware"
    RINGTONE = "ringtone"
    BACKGROUND = "background"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """
    The files of one version. *tenant_id* None: every tenant may use them; *model* None: they are for all models.

    *folder* is the part of their path that nobody guesses: who was given it may fetch them, without being a device.
    """

    id: str
    tenant_id: str | None
    vendor: str
    model: str | None
    kind: AssetKind
    version: str
    folder: str

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.version):
            raise InvalidValue("version", "is not a version: letters, digits and any of . _ + ( ) -")

    def path(self, file: str) -> str:
        """Where *file* of this bundle is, below the server's URL."""
        return f"{ASSETS_PATH}{self.folder}/{file}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of a *bundle*. Its content is kept under its *sha256*. *added_at*: steady milliseconds."""

    id: str
    bundle: Bundle
    name: str
    sha256: str
    size_bytes: int
    added_at: int

    @property
    def content_type(self) -> str:
        """What HTTP says of the content."""
        return _TYPES.get(self.name.rpartition(".")[2].lower(), "application/octet-stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A *bundle*, and the *file* of it that phones are told of; None: none is (they know the names themselves)."""

    bundle: Bundle
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """
    Devices of *owner* get *choice*: *percent* of them, the rest what was pinned *before* (None: nothing from here).

    *owner* is one of those that settings have (``tenant:<id>`` …), and the nearest to the device wins in the same way.
    """

    owner: str
    choice: Choice
    percent: int = 100
    before: Choice | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:  # noqa: PLR2004 - percent
            raise InvalidValue("percent", f"{self.percent} is not between 0 and 100")

    @property
    def slot(self) -> tuple[str, str, str, AssetKind]:
        """What there can be one of: a later pin for the same owner, maker, model and kind takes this one's place."""
        bundle = self.choice.bundle
        return (self.owner, bundle.vendor, model_key(bundle.model or ""), bundle.kind)

    def choice_for(self, mac: MacAddress) -> Choice | None:
        """What the device with this *mac* gets."""
        return self.choice if is_in(mac, self.choice.bundle.id, self.percent) else self.before


def is_in(mac: MacAddress, rollout: str, percent: int) -> bool:
    """
    Whether *mac* belongs to the first *percent* of the *rollout* of that name.

    Always the same answer, and who is in stays in as the percentage grows. Another roll-out begins with others.
    """
    digest = hashlib.sha256(f"{rollout}/{mac.value}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _PARTS < percent * (_PARTS // 100)


def chosen(pins: Iterable[Pin], device: Device) -> dict[AssetKind, Choice]:
    """
    What *pins* of one owner choose for *device*, by kind. One for the device's model outranks one for all models.

    Fail closed: a bundle of another tenant is never chosen, whatever a pin says.
    """
    found: dict[AssetKind, Choice] = {}
    for pin in sorted(pins, key=lambda pin: pin.choice.bundle.model is not None):
        choice = pin.choice_for(device.mac) if _is_for(pin.choice.bundle, device) else None
        if choice is not None and _is_for(choice.bundle, device):
            found[choice.bundle.kind] = choice
    return found


def check_file_name(name: str) -> str:
    """Return *name* when phones can ask for it; raise InvalidValue for any other."""
    if not _FILE_NAME.fullmatch(name):
        raise InvalidValue("name", "is not a file's name: letters, digits and any of . _ ( ) + -, 127 at most")
    return name


def read_sha256(text: str) -> str:
    """Read a checksum as tools print it, 64 hex digits. Raises InvalidValue."""
    digits = text.strip().lower()
    if not _SHA256.fullmatch(digits):
        raise InvalidValue("sha256", "is not 64 hex digits")
    return digits


def _is_for(bundle: Bundle, device: Device) -> bool:
    if bundle.vendor != device.vendor or bundle.tenant_id not in (None, device.tenant_id):
        return False
    return bundle.model is None or model_key(bundle.model) == model_key(device.model or "")
