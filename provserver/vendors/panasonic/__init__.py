"""Panasonic: desk phones KX-UT and KX-HDV, DECT bases KX-TGP."""

from provserver.vendors.panasonic.vendor import VENDOR

__all__ = ["VENDOR"]
