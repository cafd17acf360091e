"""VTech: ErisTerminal and ErisStation phones, and the hardware of VTech that carries Snom's name."""

from provserver.vendors.vtech.vendor import VENDOR

__all__ = ["VENDOR"]
