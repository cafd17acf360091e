"""Files of networks as their publishers write them, made for one test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

ASN: dict[str, dict[str, Any]] = {
    "192.0.2.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"},
    "198.51.100.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"},
    "203.0.113.0/24": {"autonomous_system_number": 64501, "autonomous_system_organization": "Other\nNet"},
    "2001:db8::/32": {"autonomous_system_number": 64502, "autonomous_system_organization": "Sixth"},
}
COUNTRY: dict[str, dict[str, Any]] = {
    "192.0.2.0/24": {"country": {"iso_code": "DE", "names": {"en": "Germany"}}},
    "2001:db8::/32": {"country": {"iso_code": "FR"}},
}


def write(file: Path, records: Mapping[str, Mapping[str, Any]], *, ip_version: int = 6) -> Path:
    """Write *records* by network into *file*, as a whole new file."""
    writer = MMDBWriter(ip_version, ipv4_compatible=ip_version == 6, database_type="Test")
    for network, record in records.items():
        writer.insert_network(IPSet([network]), dict(record))
    fresh = file.with_suffix(".new")
    writer.to_db_file(str(fresh))
    fresh.replace(file)
    return file
