"""Gigaset pro: DECT bases old (N510, N720) and new (N530 to N870E), and Maxwell desk phones."""

from provserver.vendors.gigaset.vendor import VENDOR

__all__ = ["VENDOR"]
