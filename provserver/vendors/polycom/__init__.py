"""Polycom and Poly: phones with UC Software (SoundPoint, VVX, Trio, CCX, Edge E); OBi editions are Obihai's."""

from provserver.vendors.polycom.vendor import VENDOR

__all__ = ["VENDOR"]
