"""Snom: desk phones (snom 3xx to D8xx) and Snom M DECT base stations."""

from provserver.vendors.snom.vendor import VENDOR

__all__ = ["VENDOR"]
