"""
In whose network is an address, and in which country? `Whereabouts`, from MMDB files that the operator gives.

Without a file nothing is known, and nothing else changes: holders are evidence, and no proof. Files are of the kinds
that their publishers call ASN and Country; both what MaxMind and DB-IP write and the flat records of IPinfo are
understood (M: their documents; none of the files is ours to ship).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import maxminddb

from provserver.errors import ConfigurationError

_NAME_CHARS = 60  # of a network's name, which is a text of others
_REMEMBERED = 16_384  # addresses; an office's phones come one after the other
_TRIED = ("192.0.2.1", "198.51.100.1", "8.8.8.8")  # looked up once, so that a file that cannot be read is noticed now
_LARGEST_BYTES = 512 * 1024 * 1024  # ASN and country files have 5 to 20 MB, those with cities 60 to 150


class Holder(NamedTuple):
    """*system* such as ``AS64500``, its *name*, *country* by ISO 3166-1; empty where it is not known."""

    system: str = ""
    name: str = ""
    country: str = ""

    def __str__(self) -> str:
        """In one line, such as ``AS64500 Example Net DE``."""
        return " ".join(part for part in self if part)


NOBODY = Holder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """When each file that was read was *built* (seconds since 1970), and a line for each that cannot be used."""

    built: Mapping[str, int]
    problems: tuple[str, ...]


@dataclass(slots=True)
class _File:
    """One file, and what was read from it the last time it could be."""

    path: Path
    stamp: tuple[int, int, int] | None = None  # of what was tried last, good or not
    reader: maxminddb.Reader | None = None


class Whereabouts:
    """Looks addresses up. Call `reload` first, and again from time to time; until then nothing is known."""

    def __init__(self, *, asn: Path | None = None, country: Path | None = None) -> None:
        self._files = {name: _File(path) for name, path in (("asn", asn), ("country", country)) if path is not None}
        self.of: Callable[[str], Holder] = lambda _address: NOBODY
        self.is_known = False  # whether anything is

    def reload(self) -> Reloaded:
        """
        Read the files that have changed on the disk. Of one that cannot be used, what was read before stays in use.

        A bad file is looked at once, until it changes. Takes a moment: call it in a thread.
        """
        built, problems = {}, []
        for name, file in self._files.items():
            try:
                if (reader := _read_if_changed(file)) is not None:
                    file.reader = reader
                    built[name] = int(reader.metadata().build_epoch)
            except ConfigurationError as error:
                problems.append(f"whereabouts.{name} {error}")
        if built:
            # A new memory with the new files: nothing that was looked up before is believed any longer.
            self.of, self.is_known = lru_cache(maxsize=_REMEMBERED)(self._look_up), True
        return Reloaded(built=built, problems=tuple(problems))

    def _look_up(self, address: str) -> Holder:
        asn, country = (self._record(name, address) for name in ("asn", "country"))
        return Holder(system=_system(asn), name=_name(asn), country=_country(country) or _country(asn))

    def _record(self, name: str, address: str) -> Mapping[str, Any]:
        file = self._files.get(name)
        if file is None or file.reader is None:
            return {}
        try:
            found = file.reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):  # no address, IPv6 in a file without, a broken record
            return {}
        return found if isinstance(found, dict) else {}


def _read_if_changed(file: _File) -> maxminddb.Reader | None:
    """
    A reader of what is on the disk now; None if that was tried already. Raises ConfigurationError.

    It reads a copy that nobody can find: the library maps the file into memory, and whoever shortened it in place would
    take the process down.
    """
    try:
        found = file.path.stat()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if stamp == file.stamp:
            return None
        file.stamp = stamp
        if found.st_size > _LARGEST_BYTES:
            raise ConfigurationError(f"{file.path}: larger than {_LARGEST_BYTES} bytes")
        with tempfile.NamedTemporaryFile(suffix=".mmdb") as copy:
            shutil.copyfile(file.path, copy.name)
            reader = maxminddb.open_database(copy.name)
        for address in _TRIED:
            reader.get(address)
    except OSError as error:
        file.stamp = None if isinstance(error, FileNotFoundError) else file.stamp
        raise ConfigurationError(f"{file.path}: {error.strerror or 'cannot be read'}") from error
    except (ValueError, maxminddb.InvalidDatabaseError) as error:
        raise ConfigurationError(f"{file.path}: is no database of networks that can be read") from error
    return reader


def _system(record: Mapping[str, Any]) -> str:
    number = record.get("autonomous_system_number")
    if isinstance(number, int):
        return f"AS{number}"
    text = record.get("asn")
    return text if isinstance(text, str) and text[:2] == "AS" and text[2:].isdecimal() else ""


def _name(record: Mapping[str, Any]) -> str:
    text = record.get("autonomous_system_organization") or record.get("as_name") or record.get("name")
    return "".join(c for c in text if c.isprintable())[:_NAME_CHARS] if isinstance(text, str) else ""


def _country(record: Mapping[str, Any]) -> str:
    found = record.get("country")
    code = found.get("iso_code") if isinstance(found, Mapping) else record.get("country_code") or found
    return code if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha() else ""  # noqa: PLR2004 - ISO 3166-1 alpha-2
