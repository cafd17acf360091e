"""From stored texts to a `DeviceView`: settings inherited and read, secrets turned into slots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from provserver.domain.catalogue import RAW_PREFIX, find_spec
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.domain.setting import SettingValue
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView

SETTING_FIELD = "setting."  # a secret setting is sealed under the field ``setting.<name>``


def setting_field(name: str) -> str:
    """The field under which the secret setting *name* is sealed."""
    return SETTING_FIELD + name


LOGIN_PASSWORD = setting_field("provisioning_password")
# The one before, while phones may still hold it. It is in no artefact, and no setting.
PREVIOUS_LOGIN_PASSWORD = "previous.provisioning_password"  # noqa: S105 - the name of a field


def read_settings(texts: Mapping[str, str]) -> tuple[dict[str, SettingValue], dict[str, str]]:
    """
    Read stored *texts* into typed values and raw parameters (without their prefix).

    Raises InvalidValue for a text its setting no longer accepts (the catalogue changed since it was entered).
    """
    values: dict[str, SettingValue] = {}
    raw: dict[str, str] = {}
    for name, text in texts.items():
        if name.startswith(RAW_PREFIX):
            raw[name.removeprefix(RAW_PREFIX)] = text
        else:
            values[name] = find_spec(name).read(text)
    return values, raw


def build_view(
    *,
    mac: MacAddress,
    model: str | None,
    lines: Iterable[Line],
    settings: Mapping[str, str],
    held: Iterable[str],
) -> DeviceView:
    """Make the view of one device from its *settings* (texts) and the fields of the secrets that are *held*."""
    held = frozenset(held)
    values, placed_raw = place(*read_settings(settings), held=held)
    return DeviceView(
        mac=mac,
        model=model,
        lines=tuple(_with_password(line, held) for line in sorted(lines, key=lambda line: line.number)),
        settings=values,
        raw=placed_raw,
    )


def place(
    values: Mapping[str, SettingValue], raw: Mapping[str, str], *, held: Iterable[str]
) -> tuple[dict[str, SettingValue], dict[str, str | SecretSlot]]:
    """Settings and raw parameters in the order of their names, with slots for the secret ones that are *held*."""
    placed: dict[str, SettingValue] = {name: values[name] for name in sorted(values)}
    placed_raw: dict[str, str | SecretSlot] = {name: raw[name] for name in sorted(raw)}
    for field in sorted(held):
        if field.startswith(SETTING_FIELD):
            _place_secret(field, placed, placed_raw)
    return placed, placed_raw


def _place_secret(field: str, values: dict[str, SettingValue], raw: dict[str, str | SecretSlot]) -> None:
    name = field.removeprefix(SETTING_FIELD)
    if name.startswith(RAW_PREFIX):
        raw[name.removeprefix(RAW_PREFIX)] = SecretSlot(field)
    else:
        values[name] = SecretSlot(field)


def _with_password(line: Line, held: frozenset[str]) -> Line:
    return replace(line, password=SecretSlot(line.password_field) if line.password_field in held else None)
