"""`provserver pbx list`: the PBXs whose presets fill in a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.domain.pbx import PBX, PBXS, Fact

app = group("PBXs at which lines register.")


@app.command("list")
def list_pbxs(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the presets: what each fills in where a line leaves it open, and how sure that is (H, M or L)."""
    del config  # every command takes it; this one needs no settings
    if as_json:
        print_json([_as_object(pbx) for pbx in PBXS])
        return
    rows = [(pbx.slug, name, fact.value, fact.confidence, fact.source) for pbx in PBXS for name, fact in _facts(pbx)]
    print_table([("pbx", "what", "value", "sure", "source"), *rows])


def _facts(pbx: PBX) -> Iterator[tuple[str, Fact]]:
    yield "auth name", pbx.auth_name
    for transport, port in pbx.ports.items():
        yield f"port ({transport.value})", port
    if pbx.proxy_port:
        yield "port of its proxy", pbx.proxy_port
    if pbx.voicemail:
        yield "voicemail", pbx.voicemail
    for name, fact in pbx.settings.items():
        yield f"set:{name}", fact


def _as_object(pbx: PBX) -> dict[str, Any]:
    return {
        "pbx": pbx.slug,
        "name": pbx.name,
        "facts": [
            {"what": what, "value": fact.value, "confidence": fact.confidence, "source": fact.source}
            for what, fact in _facts(pbx)
        ],
    }
