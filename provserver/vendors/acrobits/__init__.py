"""Acrobits: Groundwire and Softphone on mobiles and desktops, and the apps of other names that are built from them."""

from __future__ import annotations

from provserver.vendors.acrobits.maker import VENDOR

__all__ = ["VENDOR"]
