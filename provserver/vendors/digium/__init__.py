"""Digium, now Sangoma: desk phones of the D series, configured by XML."""

from provserver.vendors.digium.vendor import VENDOR

__all__ = ["VENDOR"]
