"""What a device of some maker and model can hold: `check_device` refuses the rest before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from provserver.domain.catalogue import find_spec, indices, read_setting
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view, setting_field
from provserver.domain.text import check_text
from provserver.domain.vendor import Model, Vendor
from provserver.errors import InvalidValue
from provserver.secret import Secret


class Filled(Protocol):
    """What is checked: the parts of a wanted device that its maker has a say in."""

    @property
    def model(self) -> str | None:
        """See `Wanted`."""
        ...

    @property
    def description(self) -> str | None:
        """See `Wanted`."""
        ...

    @property
    def site(self) -> str | None:
        """See `Wanted`."""
        ...

    @property
    def serial(self) -> str | None:
        """See `Wanted`."""
        ...

    @property
    def lines(self) -> tuple[Line, ...]:
        """See `Wanted`."""
        ...

    @property
    def passwords(self) -> Mapping[int, Secret]:
        """See `Wanted`."""
        ...

    @property
    def settings(self) -> Mapping[str, str | None]:
        """See `Wanted`."""
        ...

    @property
    def secret_settings(self) -> Mapping[str, Secret | None]:
        """See `Wanted`."""
        ...


def check_device(vendor: Vendor, mac: MacAddress, wanted: Filled) -> None:
    """Raise InvalidValue for a value, a number or a combination that devices of *vendor* cannot have."""
    for name in ("model", "description", "site", "serial"):
        value = getattr(wanted, name)
        if value:
            check_text(name, value)
    model = vendor.model(wanted.model)
    _check_taken(wanted, vendor.refusal(wanted.model))
    _check_lines(wanted, model)
    _check_settings(wanted, model)
    if vendor.check is not None:
        held = [setting_field(name) for name, secret in wanted.secret_settings.items() if secret]
        held += [f"line.{number}.password" for number in wanted.passwords]
        vendor.check(
            build_view(
                mac=mac,
                model=model.name if model else wanted.model,
                lines=wanted.lines,
                settings={name: value for name, value in wanted.settings.items() if value is not None},
                held=held,
            )
        )


def _check_taken(wanted: Filled, refusal: str) -> None:
    """Refuse lines and settings of a device that takes none, for the reason *refusal*; empty: it takes them."""
    if not refusal:
        return
    if wanted.lines or wanted.passwords:
        raise InvalidValue("line", f"is refused: {refusal}")
    for name, value in (*wanted.settings.items(), *wanted.secret_settings.items()):
        if value is not None:
            raise InvalidValue(name, f"is refused: {refusal}")


def _check_lines(wanted: Filled, model: Model | None) -> None:
    numbers = [line.number for line in wanted.lines]
    for number in sorted({n for n in numbers if numbers.count(n) > 1}):
        raise InvalidValue("line", f"{number} is there twice")
    for line in wanted.lines:
        if model and model.lines is not None and line.number > model.lines:
            raise InvalidValue("line", f"{line.number} is more than the {model.lines} lines of a {model.name}")
    for number, password in wanted.passwords.items():
        if number not in numbers:
            raise InvalidValue("password", f"line {number} does not exist")
        _check_secret("password", password)


def _check_settings(wanted: Filled, model: Model | None) -> None:
    for name, value in wanted.settings.items():
        spec = find_spec(name)
        if spec.secret:
            raise InvalidValue(name, "is a secret; it is not given as a plain value")
        if value is not None:
            read_setting(name, value)
            _check_index(name, model)
    for name, secret in wanted.secret_settings.items():
        if not find_spec(name).secret:
            raise InvalidValue(name, "is not a secret setting")
        if secret is not None:
            _check_secret(name, secret)


def _check_secret(name: str, secret: Secret) -> None:
    if not secret:
        raise InvalidValue(name, "is empty; an empty password is none")
    check_text(name, secret.reveal())


def _check_index(name: str, model: Model | None) -> None:
    if model is None:
        return
    most: tuple[int | None, ...] = ()
    if name.startswith("key."):
        most = (model.keys,)
    elif name.startswith("softkey."):
        most = (model.softkeys,)
    elif name.startswith("module."):
        most = (model.modules, model.module_keys)
    for index, limit in zip(indices(name), most, strict=False):
        if limit is not None and index > limit:
            raise InvalidValue(name, f"{index} is more than a {model.name} has ({limit})")
