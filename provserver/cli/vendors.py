"""`provserver vendor list|show|check`: the makers whose phones this server knows, and their words for each setting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from provserver.cli.makers import makers_of
from provserver.cli.options import AsJson, ConfigFile, group, plain, print_facts, print_json, print_table
from provserver.domain.vendor import Vendor
from provserver.domain.words import NOT_SUPPORTED, all_parameters
from provserver.errors import InvalidValue, NotFound
from provserver.local.folder import Makers, load_makers
from provserver.local.problem import LocalMakersBroken
from provserver.settings import load
from provserver.vendors import load_vendors

app = group("Makers of phones.")
Slug = Annotated[str, typer.Argument(metavar="VENDOR", help="Slug of the maker: yealink, snom, …", show_default=False)]

_TOGETHER = "written together with other settings"


@app.command("list")
def list_vendors(*, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """List the makers: models, what follows a deleted password, and the NOTIFY that makes a phone ask again."""
    makers = makers_of(config)
    if as_json:
        print_json([_facts(maker, makers) for maker in makers.vendors])
        return
    rows = [
        (
            maker.slug,
            maker.name,
            f"{len(maker.models)}",
            f"{len(maker.ouis)}",
            "no files" if maker.refuses else maker.after_deletion.answer.value,
            maker.notify.resync or "-",
            _origin(maker, makers),
        )
        for maker in makers.vendors
    ]
    print_table([("vendor", "name", "models", "blocks", "after deletion", "resync", "origin"), *rows])


@app.command()
def show(vendor: Slug, *, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show a maker, and which of its parameters each setting becomes; {n} is the number of a line or key."""
    makers = makers_of(config)
    maker = next((maker for maker in makers.vendors if maker.slug == vendor), None)
    if maker is None:
        raise NotFound("vendor", vendor)
    settings = all_parameters(maker)
    if as_json:
        print_json({**_facts(maker, makers), "settings": settings})
        return
    rule = maker.after_deletion
    print_facts(
        (
            ("vendor", maker.slug),
            ("name", maker.name),
            ("origin", _origin(maker, makers)),
            ("models", ", ".join(model.name for model in maker.models) or None),
            ("after deletion", f"{rule.answer.value}{', unproven' * rule.unproven}"),
        )
    )
    print_table([("setting", "becomes"), *((name, _shown(names)) for name, names in settings.items())])


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Else the one of the settings.", show_default=False)
    ] = None,
    *,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Check a folder of makers as `serve` does at its start, and say everything that is wrong in it."""
    folder = folder or load(config).vendors.folder
    if folder is None:
        raise InvalidValue("vendors.folder", "is not set, and no folder was given")
    try:
        makers = load_makers(folder)
    except LocalMakersBroken as broken:
        if as_json:
            print_json(
                {"problems": [{"file": p.file, "line": p.line or None, "what": p.what} for p in broken.problems]}
            )
        for problem in broken.problems:
            typer.echo(plain(str(problem)), err=True)
        raise typer.Exit(1) from None
    if as_json:
        print_json({"problems": [], "vendors": {m.slug: _origin(m, makers) for m in _local(makers)}})
        return
    for maker in _local(makers):
        typer.echo(
            f"{maker.slug}: {_origin(maker, makers)}, {len(maker.files)} files, {len(maker.models)} models: sound"
        )


def _local(makers: Makers) -> list[Vendor]:
    return [maker for maker in makers.vendors if maker.slug in makers.local]


def _origin(maker: Vendor, makers: Makers) -> str:
    """Where what is known of the maker comes from."""
    if maker.slug not in makers.local:
        return "built in"
    return "built in, changed here" if any(one.slug == maker.slug for one in load_vendors()) else "added here"


def _shown(names: tuple[str, ...] | None) -> str:
    if names is None:
        return NOT_SUPPORTED
    return ", ".join(names) or _TOGETHER


def _facts(maker: Vendor, makers: Makers) -> dict[str, Any]:
    return {
        "vendor": maker.slug,
        "name": maker.name,
        "origin": _origin(maker, makers),
        "models": [{"name": m.name, "lines": m.lines, "keys": m.keys} for m in maker.models],
        "ouis": sorted(maker.ouis),
        "refuses": maker.refuses or None,
        "files": [rule.pattern for rule in maker.files],
        "uploads": [rule.pattern for rule in maker.uploads],
        "after_deletion": {"answer": maker.after_deletion.answer.value, "unproven": maker.after_deletion.unproven},
        "notify": {"resync": maker.notify.resync, "reboot": maker.notify.reboot},
    }
