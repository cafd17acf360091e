"""Mitel, once Aastra: SIP phones of the 6700, 6800, 6900 and 9000 series."""

from provserver.vendors.mitel.vendor import VENDOR

__all__ = ["VENDOR"]
