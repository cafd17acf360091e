"""DrayTek: Vigor routers, some with telephone ports, known and given nothing."""

from __future__ import annotations

from provserver.domain.unserved import unserved

VENDOR = unserved(
    slug="draytek",
    name="DrayTek",
    ouis=frozenset({"00507f", "001daa", "1449bc"}),  # IEEE (H)
    models=("Vigor",),
    refuses=(
        "Vigor routers, those with telephone ports too, are configured by TR-069 or by hand, and this server does not"
        " speak TR-069"
    ),
    source="sheet draytek 1 and 5",
    confidence="M",
    sources=("captures of TR-069 sessions with Vigor routers that are public (facts only)",),
)
