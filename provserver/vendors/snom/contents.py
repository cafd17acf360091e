"""What stands in each file for one device: the settings with their permissions, keys, certificates, firmware."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from provserver.domain.parameters import Entry, Written, write_entries
from provserver.domain.vendor import FileRule
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue
from provserver.vendors.snom.account_rows import LINE_ROWS
from provserver.vendors.snom.accounts import spare_identities
from provserver.vendors.snom.dect_rows import DECT, DECT_ROWS, MAX_SERVERS, servers
from provserver.vendors.snom.desk_rows import DESK_ROWS
from provserver.vendors.snom.keys import keys_by_index
from provserver.vendors.snom.models import is_base
from provserver.vendors.snom.permission import CERTIFICATES, KEYS, permission

_PHONE_ROWS = (*LINE_ROWS, *DESK_ROWS)
PARAMETERS = (*_PHONE_ROWS, *DECT_ROWS)
FIRMWARE = "firmware"  # the place of raw parameters that belong into the firmware settings

# Elements are named after settings (sheet snom 4, H); ``@`` puts the index of an account, or the handset's type.
_RAW = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?:@(?P<index>\d{1,3}))?")
_FIRMWARE_VERSION = re.compile(
    r"(?:fp_fwu_(?:sw|branch)_version|(?P<name>pp_fwu_(?:sw|branch)_version)@(?P<handset>M\d{2,3}))"
)
_HANDSET_VERSION = re.compile(r"handset_firmware\.(?P<number>\d+)\.version")
_OURS = frozenset({"setting_server"})  # the file's reader would lose the way to its own URL
_BASE_IN_PATTERN = re.compile(r"snom(?P<model>M\d{2,4})[-.]")


class Setting(NamedTuple):
    """One element of ``<phone-settings>``."""

    name: str
    index: int | None  # type: ignore[assignment]  # shadows a method of tuple that nobody calls
    permission: str
    value: Written


class FunctionKey(NamedTuple):
    """One element of ``<functionKeys>``; *context* is the account it works for."""

    index: int  # type: ignore[assignment]  # as above
    context: int
    label: str
    permission: str
    action: Written


class Certificate(NamedTuple):
    """One element of ``<certificates>``: a URL, or the certificate itself."""

    kind: str
    value: Written


class Version(NamedTuple):
    """One version number of the firmware settings; *handset* is the type of handset it is for, or empty."""

    name: str
    handset: str
    value: Written


def contents(view: DeviceView, rule: FileRule) -> Mapping[str, object]:
    """The variables of Snom's templates."""
    base = _BASE_IN_PATTERN.match(rule.pattern)
    if base is not None and not is_base(view.model):
        view = replace(view, model=base["model"])  # the name that a base asks for says what it is
    if is_base(view.model):
        return _of_base(view, rule)
    return _of_phone(view, rule)


def raw_entry(name: str, value: Written) -> Entry:
    """Place the raw parameter *name*: ``user_ringer@1`` is ``<user_ringer idx="1">``."""
    version = _FIRMWARE_VERSION.fullmatch(name)
    if version is not None:
        return Entry(version["name"] or name, value, f"{FIRMWARE}{version['handset'] or ''}")
    match = _RAW.fullmatch(name)
    if match is None:
        raise InvalidValue(f"raw.{name}", "is not the name of a setting, with @ and an account's number if it has one")
    if match["name"] in _OURS:
        raise InvalidValue(f"raw.{name}", "is the address of this server, which is written by itself")
    return Entry(match["name"], value, index=int(match["index"]) if match["index"] else None)


def check(view: DeviceView) -> None:
    """Refuse raw names that are no names, and more registrars than there are places for."""
    for name, value in view.raw.items():
        raw_entry(name, value)
    if is_base(view.model):
        if len(servers(view)) > MAX_SERVERS:
            raise InvalidValue("registrar", f"a base knows {MAX_SERVERS} different ones")
        return
    backed = sum(line.backup_registrar is not None for line in view.lines)
    if len(spare_identities(view)) < backed:
        raise InvalidValue("backup_registrar", "needs a free identity of the phone, and there are none left")


def _of_phone(view: DeviceView, rule: FileRule) -> dict[str, object]:
    entries = write_entries(_PHONE_ROWS, view, sections=rule.sections, raw=raw_entry)
    keep = view.settings.get("keep_user_changes") is True
    keys = keys_by_index(view)
    return {
        "base": False,
        "entries": (),  # `settings` are what the templates write
        "settings": tuple(_settings(entries, keep_user_changes=keep)),
        "keys": tuple(
            FunctionKey(
                index=entry.index,
                context=keys[entry.index].line,
                label=keys[entry.index].label,
                permission=permission(entry, keep_user_changes=keep),
                action=entry.value,
            )
            for entry in entries
            if entry.place == KEYS and entry.index is not None
        ),
        "certificates": tuple(
            Certificate(kind=entry.name, value=entry.value) for entry in entries if entry.place == CERTIFICATES
        ),
        **_firmware(view),
    }


def _of_base(view: DeviceView, rule: FileRule) -> dict[str, object]:
    # A file that all bases of a model ask for holds nothing: rows of a base are not parted into sections.
    complete = bool(rule.sections & {DECT, "raw"})
    sections = frozenset({DECT, "raw"}) if complete else frozenset()
    entries = write_entries(DECT_ROWS, view, sections=sections, raw=raw_entry)
    return {
        "base": True,
        "entries": (),
        "settings": tuple(_settings(entries, keep_user_changes=False)),
        "keys": (),
        "certificates": (),
        **_firmware(view),
    }


def _settings(entries: Iterable[Entry], *, keep_user_changes: bool) -> Iterator[Setting]:
    """The elements, each once: a raw parameter replaces what we would have written, and keeps its permission."""
    found: dict[tuple[str, int | None], Entry] = {}
    for entry in entries:
        if entry.place in {KEYS, CERTIFICATES} or entry.place.startswith(FIRMWARE):
            continue
        before = found.get((entry.name, entry.index))
        found[entry.name, entry.index] = entry._replace(place=before.place) if before is not None else entry
    for entry in found.values():
        yield Setting(
            name=entry.name,
            index=entry.index,
            permission=permission(entry, keep_user_changes=keep_user_changes),
            value=entry.value,
        )


def _firmware(view: DeviceView) -> dict[str, object]:
    versions = {(version.name, version.handset): version for version in (*_versions(view), *_raw_versions(view))}
    return {"firmware": view.settings.get("firmware_url"), "versions": tuple(versions.values())}


def _versions(view: DeviceView) -> Iterator[Version]:
    """The base's own, and each of a type of handset, which has to be named beside it."""
    if not is_base(view.model):
        return
    base = view.settings.get("firmware_version")
    if isinstance(base, str):
        yield Version(name="fp_fwu_sw_version", handset="", value=base)
    for name, value in sorted(view.settings.items()):
        match = _HANDSET_VERSION.fullmatch(name)
        handset = view.settings.get(f"handset_firmware.{match['number']}.model") if match else None
        if isinstance(handset, str) and isinstance(value, str):
            yield Version(name="pp_fwu_sw_version", handset=handset, value=value)


def _raw_versions(view: DeviceView) -> Iterator[Version]:
    for name, value in sorted(view.raw.items()):
        entry = raw_entry(name, value)
        if entry.place.startswith(FIRMWARE):
            yield Version(name=entry.name, handset=entry.place.removeprefix(FIRMWARE), value=entry.value)
