"""Algo: SIP alerters, speakers, intercoms and paging adapters."""

from provserver.vendors.algo.vendor import VENDOR

__all__ = ["VENDOR"]
