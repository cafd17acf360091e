"""docs/redirection.md lists the services that there are, and explains every outcome that somebody has to act on."""

from __future__ import annotations

import re
from pathlib import Path

from provserver.redirect.catalogue import SERVICES
from provserver.redirect.portal import STEPS
from provserver.redirect.protocol import DONE, Ability, Outcome
from provserver.services.redirection.redirect_round import QUOTA
from provserver.vendors import load_vendors

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "redirection.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under *heading*, without its head."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_every_service_is_listed_as_it_is() -> None:
    def yes(ability: Ability) -> str:
        return "yes" if service.can(ability) else "no"

    wanted = []
    for service in SERVICES.values():
        by = "MAC and serial" if service.needs_serial else "MAC"
        abilities = [yes(Ability.WITHDRAW), yes(Ability.LOOK_UP), yes(Ability.LIST)]
        source = f"{service.source}, {service.confidence}"
        wanted.append([service.slug, service.maker, yes(Ability.OWN_URL), by, *abilities, source])

    assert rows("Services") == wanted


def test_every_outcome_that_is_no_success_is_explained() -> None:
    explained = {cells[0] for cells in rows("When something is wrong")}

    assert explained == {outcome.value for outcome in set(Outcome) - DONE} | {QUOTA}


def test_makers_of_portals_are_makers_that_there_are() -> None:
    slugs = {vendor.slug for vendor in load_vendors()}

    assert STEPS.keys() <= slugs
    assert all(re.search(r"\([HML]\)\.$", text) for text in STEPS.values())
