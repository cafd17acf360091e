"""`provserver vendor list`: the makers whose phones this server knows."""

from __future__ import annotations

from typing import Any

from provserver.cli.options import AsJson, ConfigFile, group, print_json, print_table
from provserver.domain.vendor import Vendor
from provserver.vendors import load_vendors

app = group("Makers of phones.")


@app.command("list")
def list_vendors(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the makers, with their models and what happens once a password has been deleted."""
    del config  # every command takes it; this one needs no settings
    makers = load_vendors()
    if as_json:
        print_json([_facts(maker) for maker in makers])
        return
    rows = [
        (
            m.slug,
            m.name,
            f"{len(m.models)}",
            f"{len(m.ouis)}",
            "no files" if m.refuses else m.after_deletion.answer.value,
        )
        for m in makers
    ]
    print_table([("vendor", "name", "models", "blocks", "after deletion"), *rows])


def _facts(maker: Vendor) -> dict[str, Any]:
    return {
        "vendor": maker.slug,
        "name": maker.name,
        "models": [{"name": m.name, "lines": m.lines, "keys": m.keys} for m in maker.models],
        "ouis": sorted(maker.ouis),
        "refuses": maker.refuses or None,
        "files": [rule.pattern for rule in maker.files],
        "uploads": [rule.pattern for rule in maker.uploads],
        "after_deletion": {"answer": maker.after_deletion.answer.value, "unproven": maker.after_deletion.unproven},
        "notify": {"resync": maker.notify.resync, "reboot": maker.notify.reboot},
    }
