"""What Gigaset devices call themselves when they ask for files."""

from __future__ import annotations

import re

from provserver.domain.vendor import AgentPattern

# Gigaset N870 IP PRO/83.V2.43.0+build.5f0a106;7C2F80…;Handset=50
# Gigaset N720 DM PRO/70.089.00.000.000;7C2F80…, N510 IP PRO/42.245.00.000.000, N720-DM-PRO/70.040.00.000.000
_FORM = re.compile(
    r"^(?:Gigaset )?(?P<model>(?:N\d{3}E?|C\w+)[ -](?:IP|DM)[ -]PRO|Maxwell ?\w+)/(?P<fw>\d[\w.+-]*)"
    r"(?:;(?P<mac>[0-9A-Fa-f]{12}))?(?:;Handset=\d+)?\Z"
)

AGENTS = (
    AgentPattern(
        words=("gigaset", "maxwell", "n510", "n530", "n610", "n670", "n720", "n770", "n870", "n870e"),
        pattern=_FORM,
        source="sheet gigaset 2; wazo_gigaset common.py and Nx70 common.py",
        confidence="H",
    ),
)
