"""Sangoma: desk phones of the S series. The P series is configured as Digium's phones are."""

from provserver.vendors.sangoma.vendor import VENDOR

__all__ = ["VENDOR"]
