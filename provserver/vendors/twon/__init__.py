"""2N: IP intercoms, answering units and access units."""

from provserver.vendors.twon.vendor import VENDOR

__all__ = ["VENDOR"]
