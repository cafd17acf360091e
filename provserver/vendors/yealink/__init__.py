"""Yealink: desk phones, conference phones and DECT bases of the T, CP, VP, AX and W series."""

from provserver.vendors.yealink.vendor import VENDOR

__all__ = ["VENDOR"]
