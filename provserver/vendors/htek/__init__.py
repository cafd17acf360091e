"""Htek (Hanlong): desk phones UC8xx and UC9xx."""

from provserver.vendors.htek.vendor import VENDOR

__all__ = ["VENDOR"]
