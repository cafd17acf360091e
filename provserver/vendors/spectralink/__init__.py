"""Spectralink: the wireless telephones of the 84-Series, and those of its devices that are known and given nothing."""

from __future__ import annotations

from provserver.vendors.spectralink.maker import VENDOR

__all__ = ["VENDOR"]
