"""Fanvil: desk phones (X, V), hotel phones (H), Wi-Fi and DECT handsets (W, Linkvil) and intercoms (i)."""

from provserver.vendors.fanvil.vendor import VENDOR

__all__ = ["VENDOR"]
