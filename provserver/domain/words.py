"""A maker's words for the settings of the catalogue, found by trying its table: `parameters_of`, `unsupported_of`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from provserver.domain.catalogue import RAW_PREFIX, SPECS, find_spec
from provserver.domain.examples import example_view, numbered, views_of
from provserver.domain.parameters import At, Parameter, supported_settings
from provserver.domain.setting import SettingSpec
from provserver.domain.vendor import Vendor
from provserver.domain.view import DeviceView

_Views = Callable[[str | None], Iterable[DeviceView]]  # of a model
NOT_SUPPORTED = "not supported by this maker"


def parameters_of(vendor: Vendor, spec: SettingSpec) -> tuple[str, ...]:
    """
    The names of the parameters that the setting becomes on the maker's devices, in the order of its table.

    ``{n}`` and ``{m}`` stand for the number of the line and the setting's indices. Where the names follow from the
    value or the model, all that examples give are there, for line and index 1. Empty: the maker has no word for it.
    """
    rows = [row for row in vendor.parameters if row.setting == spec.name]
    alone = [name for row in rows for name in _names(vendor, row, lambda model: views_of(spec, model), spec)]
    return tuple(dict.fromkeys(alone or [name for row in rows for name in _names(vendor, row, _full(vendor), spec)]))


def all_parameters(vendor: Vendor) -> dict[str, tuple[str, ...] | None]:
    """`parameters_of` every setting of the catalogue; None for one that the maker's devices do not support."""
    return {spec.name: parameters_of(vendor, spec) if vendor.supports(spec.name) else None for spec in SPECS}


def unsupported_of(vendor: Vendor, names: Iterable[str]) -> tuple[str, ...]:
    """Those settings among *names* that the maker's devices have no word for; raw parameters are words already."""
    supported = supported_settings(vendor.parameters)
    return tuple(
        sorted(name for name in names if not name.startswith(RAW_PREFIX) and find_spec(name).name not in supported)
    )


def _names(vendor: Vendor, row: Parameter, views: _Views, spec: SettingSpec) -> Iterator[str]:
    if isinstance(row.write, str):
        yield row.write
        return
    for model in dict.fromkeys([vendor.simulation.model, *(model.name for model in vendor.models)]):
        for view in views(model):
            yield from _tried(row, view, numbered(spec.name))


def _full(vendor: Vendor) -> _Views:
    """Devices with everything set, for a setting that is written together with others only."""
    supported = [spec.name for spec in SPECS if vendor.supports(spec.name)]
    return lambda model: [example_view(model, supported)]


def _tried(row: Parameter, view: DeviceView, name: str) -> list[str]:
    indices = tuple(int(part) for part in name.split(".") if part.isdigit())
    at = At(view=view, line=view.lines[0] if row.each_line else None, indices=indices)
    try:
        return [entry.name for entry in row.entries(view.settings.get(name), at)]
    except Exception:  # noqa: BLE001 - a row that does not do for this model has no name to show
        return []
