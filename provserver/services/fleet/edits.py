"""
What somebody writes as ``name=value`` becomes a change of a device: `assign`, and `Edits` for devices that exist.

Names are those of settings (``vlan_id``, ``key.3``, ``raw.…``), of a device's own fields (``model``, ``description``,
``site``, ``serial``) and of its lines' (``line.2.label``). An empty value takes away what is there; ``line.2=`` the
whole line. ``line.2.pbx`` names a preset that fills in what the line leaves open, and is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provserver.domain.catalogue import find_spec
from provserver.domain.device import Device, device_owner
from provserver.domain.line import EXPIRES_S, Endpoint, Line, Transport
from provserver.domain.mac import MacAddress
from provserver.domain.pbx import find_pbx
from provserver.errors import InvalidValue, NotFound
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.fleet.devices import Devices, Wanted
from provserver.storage import devices, settings, tenants

OWN_FIELDS = ("model", "description", "site", "serial")
_TEXTS = ("user_name", "label", "display_name", "auth_name", "voicemail")
_ENDPOINTS = ("registrar", "backup_registrar", "outbound_proxy")
_PASSWORD = "password"  # noqa: S105 - the name of a field
LINE_FIELDS = (*_TEXTS, *_ENDPOINTS, "port", "transport", "expires", "pbx", _PASSWORD)
_LINE = re.compile(r"line\.([0-9]{1,3})(?:\.(\w+))?")


class Edits:
    """Changes devices field by field."""

    def __init__(self, *, context: Context, devices_service: Devices) -> None:
        self._context = context
        self._devices = devices_service

    async def change(self, mac: MacAddress, values: Mapping[str, str], secrets: Mapping[str, Secret]) -> Device:
        """
        Set *values* and *secrets* of one device, all or none; see the module for their names.

        Raises NotFound, and InvalidValue naming what is wrong.
        """
        wanted = assign(await self._as_it_is(mac), values, secrets)
        (device,) = await self._devices.put([wanted], arm=False)
        return device

    async def _as_it_is(self, mac: MacAddress) -> Wanted:
        async with self._context.storage.read() as tx:
            device = await devices.find_device(tx, mac)
            if device is None:
                raise NotFound("device", mac.colons)
            owner = device_owner(device.id)
            return Wanted(
                tenant=await tenants.get_tenant(tx, device.tenant_id),
                mac=mac,
                vendor=device.vendor,
                model=device.model,
                lines=await devices.lines_of(tx, device.id),
                settings=dict((await settings.settings_of(tx, [owner])).get(owner, {})),
            )


def assign(wanted: Wanted, values: Mapping[str, str], secrets: Mapping[str, Secret]) -> Wanted:
    """*wanted* with *values* and *secrets* in it. Raises InvalidValue naming the first that has no place there."""
    own: dict[str, Any] = {}
    of_lines: dict[int, dict[str, str]] = {}
    plain: dict[str, str | None] = dict(wanted.settings)
    hidden: dict[str, Secret | None] = dict(wanted.secret_settings)
    passwords = dict(wanted.passwords)
    for name, value in values.items():
        place = _LINE.fullmatch(name)
        if place:
            of_lines.setdefault(int(place[1]), {})[_line_field(name, place[2])] = value
        elif name in OWN_FIELDS:
            own[name] = value
        elif not find_spec(name).secret:
            plain[name] = value or None
        elif value:
            raise InvalidValue(name, "is a secret; it is not given as a plain value")
        else:
            hidden[name] = None
    for name, secret in secrets.items():
        place = _LINE.fullmatch(name)
        if place is None:
            hidden[name] = secret
        elif place[2] == _PASSWORD:
            passwords[int(place[1])] = secret
        else:
            raise InvalidValue(name, "is not a secret")
    lines = _changed_lines(wanted.lines, of_lines)
    plain = {**_of_pbxs(of_lines.values()), **plain}
    return replace(wanted, **own, lines=lines, passwords=passwords, settings=plain, secret_settings=hidden)


def settings_in(values: Mapping[str, str], secrets: Mapping[str, Secret]) -> tuple[str, ...]:
    """The names of the settings that *values* and *secrets* give a value, among all that can be assigned."""
    given = [*(name for name, value in values.items() if value), *secrets]
    return tuple(name for name in given if name not in OWN_FIELDS and not _LINE.fullmatch(name))


def _of_pbxs(of_lines: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The device's settings that the presets of its lines bring along."""
    presets = [find_pbx(fields["pbx"]) for fields in of_lines if fields.get("pbx")]
    return {name: value for pbx in presets for name, value in pbx.device_settings.items()}


def _line_field(name: str, field: str | None) -> str:
    if field is None:
        return ""
    if field == _PASSWORD:
        raise InvalidValue(name, "is a secret; it is not given as a plain value")
    if field not in LINE_FIELDS:
        raise InvalidValue(name, f"is not a field of a line; those are {', '.join(LINE_FIELDS)}")
    return field


def _changed_lines(lines: tuple[Line, ...], changes: Mapping[int, Mapping[str, str]]) -> tuple[Line, ...]:
    by_number = {line.number: line for line in lines}
    for number, fields in changes.items():
        if fields.get("", "-") == "":
            if by_number.pop(number, None) is None:
                raise InvalidValue(f"line.{number}", "does not exist")
        elif "" in fields:
            raise InvalidValue(f"line.{number}", "takes no value; its fields do")
        else:
            by_number[number] = _changed_line(number, by_number.get(number), fields)
    if lines and not by_number:
        raise InvalidValue("line", "at least one has to stay")
    return tuple(line for _, line in sorted(by_number.items()))


def _changed_line(number: int, line: Line | None, fields: Mapping[str, str]) -> Line:
    try:
        changes = _read_fields(fields, line)
        changed = replace(line, **changes) if line else Line(number=number, **changes)
        return find_pbx(fields["pbx"]).fill(changed) if fields.get("pbx") else changed
    except InvalidValue as error:
        if error.field == "line":
            raise
        raise InvalidValue(f"line.{number}.{error.field}", error.problem) from error


def _read_fields(fields: Mapping[str, str], line: Line | None) -> dict[str, Any]:
    changes: dict[str, Any] = {name: fields[name] or None for name in _TEXTS if name in fields}
    for name in _ENDPOINTS:
        if name in fields:
            changes[name] = _endpoint(name, fields[name]) if fields[name] else None
    if "expires" in fields:
        changes["expires_s"] = _number("expires", fields["expires"]) or EXPIRES_S
    registrar: Endpoint | None = changes.get("registrar", line.registrar if line else None)
    if changes.get("user_name", line.user_name if line else None) is None:
        raise InvalidValue("user_name", "is needed")
    if registrar is None:
        raise InvalidValue("registrar", "is needed")
    return {**changes, "registrar": _readdressed(registrar, fields)}


def _endpoint(name: str, text: str) -> Endpoint:
    try:
        return Endpoint.parse(text)
    except InvalidValue as error:
        raise InvalidValue(name, error.problem) from error


def _readdressed(registrar: Endpoint, fields: Mapping[str, str]) -> Endpoint:
    """The registrar with the port and the transport that are given for themselves."""
    if "port" in fields:
        registrar = replace(registrar, port=_number("port", fields["port"]))
    word = fields.get("transport", registrar.transport.value).lower()
    if word not in set(Transport):
        raise InvalidValue("transport", f"{word!r} is not one of {', '.join(Transport)}")
    return replace(registrar, transport=Transport(word))


def _number(field: str, text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise InvalidValue(field, f"{text!r} is not a number")
    return int(text)
