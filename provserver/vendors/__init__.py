"""One module (or package) a maker, each with one public name, `VENDOR`; found by name, registered nowhere."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from provserver.domain.vendor import Vendor


@cache
def load_vendors() -> tuple[Vendor, ...]:
    """All makers, in the order of their slugs. A module without a fitting `VENDOR` stops the program at start."""
    found = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        vendor = importlib.import_module(f"{__name__}.{module.name}").VENDOR
        if not isinstance(vendor, Vendor) or vendor.slug != module.name:
            msg = f"provserver.vendors.{module.name}.VENDOR must be a Vendor with the slug {module.name!r}"
            raise TypeError(msg)
        found.append(vendor)
    return tuple(found)
