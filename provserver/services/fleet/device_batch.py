"""`Batch`: devices that are being put together for one transaction, and what has to hold when it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provserver.domain.device import Credential, Device
from provserver.domain.line import LINE_FIELD, Line
from provserver.domain.sealed import WrappedKey
from provserver.errors import Conflict


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows that are being put together for one transaction."""

    new: list[Device] = field(default_factory=list)
    changed: list[Device] = field(default_factory=list)
    sites: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Sequence[Line]] = field(default_factory=dict)
    settings: dict[str, Mapping[str, str | None]] = field(default_factory=dict)
    sealed: list[tuple[Credential, WrappedKey]] = field(default_factory=list)
    replaced_fields: dict[str, set[str]] = field(default_factory=dict)

    @property
    def devices(self) -> tuple[Device, ...]:
        """New ones, then changed ones."""
        return (*self.new, *self.changed)


def refuse_overtaken(batch: Batch, there: Mapping[str, Device]) -> None:
    """Raise Conflict if a device of *batch* was added or removed meanwhile: *there* is what exists now."""
    for device in batch.new:
        if device.mac.value in there:
            raise Conflict(f"device {device.mac.colons} was added by somebody else at the same time")
    for device in batch.changed:
        found = there.get(device.mac.value)
        if found is None or found.id != device.id:
            raise Conflict(f"device {device.mac.colons} was removed by somebody else at the same time")


def of_no_line(credential: Credential, batch: Batch) -> bool:
    """Whether it is the password of a line that the device will not have any more."""
    device_id = credential.owner.removeprefix("device:")
    if device_id not in batch.lines or not credential.field.startswith(LINE_FIELD):
        return False
    return credential.field not in {line.password_field for line in batch.lines[device_id]}
