"""Sennheiser and EPOS: headsets, speakerphones and microphones, known and given nothing."""

from __future__ import annotations

from provserver.domain.unserved import unserved

VENDOR = unserved(
    slug="sennheiser",
    name="Sennheiser / EPOS",
    # IEEE (H): Sennheiser electronic, Sennheiser Communications (EPOS), Demant Enterprise (EPOS), Sonova Consumer.
    ouis=frozenset({"001b66", "001694", "98d93d", "80c3ba"}),
    models=(
        "ADAPT",
        "IMPACT",
        "EXPAND SP 20",
        "EXPAND SP 30",
        "EXPAND Vision",
        "EXPAND Capture",
        "TeamConnect Ceiling 2",
        "TeamConnect Medium",
        "TC Bar",
        "SpeechLine DW",
        "EW-D",
    ),
    refuses=(
        "nothing of Sennheiser or EPOS registers by SIP: headsets hang on a computer, microphones are managed by"
        " Control Cockpit, room systems by Microsoft Teams"
    ),
    source="sheet sennheiser-epos",
    confidence="H",
    sources=("EPOS Manager administrator's guide", "Sennheiser Sound Control Protocol, third-party API"),
)
