"""AudioCodes: SIP desk phones of the 400HD series."""

from provserver.vendors.audiocodes.vendor import VENDOR

__all__ = ["VENDOR"]
