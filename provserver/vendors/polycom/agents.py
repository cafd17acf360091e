"""What these phones say of themselves: in requests for files, by which they are known, and in SIP."""

from __future__ import annotations

import re

from provserver.domain.vendor import AgentPattern

# Seen: VVX, SoundPoint IP, SoundStation IP, CCX, Edge. RealPresence Trio: recollection. The family is the first word of
# the agent in SIP; in requests for files that word is always "FileTransport".
_FAMILIES = (
    "polycomvvx",
    "polyvvx",
    "polycomsoundpointip",
    "polycomsoundstationip",
    "polycomrealpresencetrio",
    "polytrio",
    "polyccx",
    "polycomccx",
    "polyedge",
)
_DEVICE = r"Poly(?:com)?[A-Za-z0-9]+-(?P<model>[A-Za-z0-9_]+)-UA/"
_VERSION = r"\d+(?:\.\d+)+"
_SERIAL = r"(?: \(SN:(?P<mac>[0-9a-fA-F]{12})\))?"  # with device.prov.tagSerialNo="1"; the serial number is the MAC

AGENTS: tuple[AgentPattern, ...] = (
    AgentPattern(
        words=("filetransport",),
        pattern=re.compile(rf"\AFileTransport {_DEVICE}(?P<fw>{_VERSION}){_SERIAL}(?: Type/Application)?\Z"),
        source="Wazo common.py, FreePBX polycomphones, FusionPBX and fspbx tests: agents of VVX, SSIP, SPIP, CCX, Edge",
        confidence="H",
    ),
    AgentPattern(
        words=("filetransport",),
        # The updater is the boot code and tells its own version, which is not the firmware's: no group for it.
        pattern=re.compile(rf"\AFileTransport {_DEVICE}{_VERSION}{_SERIAL} Type/Updater\Z"),
        source='Wazo common.py: "FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater"',
        confidence="H",
    ),
    AgentPattern(
        words=_FAMILIES,
        pattern=re.compile(rf"\A{_DEVICE}(?P<fw>{_VERSION})(?:_(?P<mac>[0-9a-fA-F]{{12}}))?\Z"),
        source='SIP: "PolycomVVX-VVX_411-UA/6.4.7.1181", "PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59"',
        confidence="H",
    ),
)
