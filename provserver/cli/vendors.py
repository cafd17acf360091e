"""`provserver vendor list|show`: the makers whose phones this server knows, and their words for each setting."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from provserver.cli.options import AsJson, ConfigFile, group, print_facts, print_json, print_table
from provserver.domain.vendor import Vendor
from provserver.domain.words import NOT_SUPPORTED, all_parameters
from provserver.errors import NotFound
from provserver.vendors import load_vendors

app = group("Makers of phones.")
Slug = Annotated[str, typer.Argument(metavar="VENDOR", help="Slug of the maker: yealink, snom, …", show_default=False)]

_TOGETHER = "written together with other settings"


@app.command("list")
def list_vendors(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the makers, with their models and what happens once a password has been deleted."""
    del config  # every command takes it; this one needs no settings
    makers = load_vendors()
    if as_json:
        print_json([_facts(maker) for maker in makers])
        return
    rows = [(m.slug, m.name, f"{len(m.models)}", f"{len(m.ouis)}", m.after_deletion.answer.value) for m in makers]
    print_table([("vendor", "name", "models", "blocks", "after deletion"), *rows])


@app.command()
def show(vendor: Slug, *, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show a maker, and which of its parameters each setting becomes; {n} is the number of a line or key."""
    del config  # every command takes it; this one needs no settings
    maker = next((maker for maker in load_vendors() if maker.slug == vendor), None)
    if maker is None:
        raise NotFound("vendor", vendor)
    settings = all_parameters(maker)
    if as_json:
        print_json({**_facts(maker), "settings": settings})
        return
    rule = maker.after_deletion
    print_facts(
        (
            ("vendor", maker.slug),
            ("name", maker.name),
            ("models", ", ".join(model.name for model in maker.models) or None),
            ("after deletion", f"{rule.answer.value}{', unproven' * rule.unproven}"),
        )
    )
    print_table([("setting", "becomes"), *((name, _shown(names)) for name, names in settings.items())])


def _shown(names: tuple[str, ...] | None) -> str:
    if names is None:
        return NOT_SUPPORTED
    return ", ".join(names) or _TOGETHER


def _facts(maker: Vendor) -> dict[str, Any]:
    return {
        "vendor": maker.slug,
        "name": maker.name,
        "models": [{"name": m.name, "lines": m.lines, "keys": m.keys} for m in maker.models],
        "ouis": sorted(maker.ouis),
        "files": [rule.pattern for rule in maker.files],
        "uploads": [rule.pattern for rule in maker.uploads],
        "after_deletion": {"answer": maker.after_deletion.answer.value, "unproven": maker.after_deletion.unproven},
        "notify": {"resync": maker.notify.resync, "reboot": maker.notify.reboot},
    }
