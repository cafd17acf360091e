"""Cisco: SPA phones and adapters, MPP phones (3PCC), ATA19x, and phones made for a call manager (SEP*.cnf.xml)."""

from provserver.vendors.cisco.vendor import VENDOR

__all__ = ["VENDOR"]
