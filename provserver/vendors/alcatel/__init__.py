"""Alcatel-Lucent Enterprise: Myriad and Halo desk phones, and the older IP Touch in SIP mode."""

from provserver.vendors.alcatel.vendor import VENDOR

__all__ = ["VENDOR"]
