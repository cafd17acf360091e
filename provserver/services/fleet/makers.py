"""Who made a device that is entered: `maker_of`."""

from __future__ import annotations

from provserver.domain.mac import MacAddress
from provserver.domain.vendor import Vendor
from provserver.errors import InvalidValue
from provserver.identify import Catalogue


def maker_of(catalogue: Catalogue, *, mac: MacAddress | None, slug: str | None) -> Vendor:
    """
    The maker called *slug*, or where none is named the one whose block *mac* stands in.

    Raises InvalidValue where that leaves none or several, and for a missing MAC that only softphones can do without.
    """
    if slug is not None:
        if slug not in catalogue.vendors:
            known = ", ".join(sorted(catalogue.vendors))
            raise InvalidValue("vendor", f"{slug!r} is not one of {known}")
        if mac is None and not catalogue.vendors[slug].generated_ids:
            raise InvalidValue("mac", f"is missing; only softphones get one, {slug} devices have their own")
        return catalogue.vendors[slug]
    if mac is None:
        raise InvalidValue("vendor", "is needed where there is no MAC")
    makers = catalogue.makers_of(mac)
    if len(makers) == 1:
        return catalogue.vendors[next(iter(makers))]
    which = f"could be {' or '.join(sorted(makers))}" if makers else "is not known"
    raise InvalidValue("vendor", f"is needed: the maker of {mac.colons} {which}")
