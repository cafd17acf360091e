"""Obihai, now Poly: OBi adapters and IP phones, and what else runs their software."""

from provserver.vendors.obihai.vendor import VENDOR

__all__ = ["VENDOR"]
