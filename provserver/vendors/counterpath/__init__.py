"""CounterPath (now Alianza): the softphone Bria, on desktops and mobiles."""

from __future__ import annotations

from provserver.vendors.counterpath.maker import VENDOR

__all__ = ["VENDOR"]
