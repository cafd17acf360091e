"""`DeviceView`: a device as its maker's module sees it, with every setting resolved and every secret an empty slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.domain.setting import SettingValue
from provserver.domain.slot import PROVISIONING_URL, SecretSlot

_WRITTEN_KEPT = 256  # files times models of one group of devices


class SharedSettings(dict[str, SettingValue]):
    """
    Settings that many devices have in common as one object, never changed once it is made.

    *written* is what has been made of them for all these devices: by `parameters.write_entries`, and by the renderer.
    """

    __slots__ = ("written",)

    def __init__(self, values: Mapping[str, SettingValue]) -> None:
        super().__init__(values)
        self.written: dict[object, object] = {}

    def keep(self, key: object, made: object) -> None:
        """Keep what was *made* of them; with everything else gone if there is too much: models are typed by people."""
        if len(self.written) >= _WRITTEN_KEPT:
            self.written.clear()
        self.written[key] = made


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """
    One device, ready to be written down in its maker's words.

    *settings* holds catalogue names and typed values after inheritance (nearest wins); secret ones are slots and are
    missing when the server does not hold them. *raw* holds the maker's own parameters, without the ``raw.`` prefix.
    """

    mac: MacAddress
    model: str | None = None
    lines: tuple[Line, ...] = ()
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    raw: Mapping[str, str | SecretSlot] = field(default_factory=dict)
    provisioning_url: SecretSlot = SecretSlot(PROVISIONING_URL)
