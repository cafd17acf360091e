"""Linphone: the softphone of Belledonne Communications on desktops, on mobiles and in a terminal."""

from __future__ import annotations

from provserver.vendors.linphone.maker import VENDOR

__all__ = ["VENDOR"]
