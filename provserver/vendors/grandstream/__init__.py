"""Grandstream: desk phones (GXP, GRP), video phones (GXV), Wi-Fi phones (WP), DECT bases (DP) and adapters (HT)."""

from provserver.vendors.grandstream.vendor import VENDOR

__all__ = ["VENDOR"]
