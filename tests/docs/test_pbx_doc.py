"""The table in docs/pbx.md says what the presets say."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.domain.pbx import PBX, PBXS, AuthName, Fact

TEXT = (Path(__file__).parents[2] / "docs" / "pbx.md").read_text(encoding="utf-8")
AUTH = {AuthName.OWN.value: "a name of its own, needed", AuthName.USER_NAME.value: "the user name"}


def marked(fact: Fact | None) -> str:
    return f"{fact.value.replace('*', chr(92) + '*')} ({fact.confidence})" if fact else "–"


def row(pbx: PBX) -> str:
    (confidence,) = {fact.confidence for fact in pbx.ports.values()}
    ports = ", ".join(f"{transport.value} {fact.value}" for transport, fact in pbx.ports.items())
    settings = ", ".join(f"{name}={fact.value} ({fact.confidence})" for name, fact in pbx.settings.items())
    cells = (
        f"{pbx.name} (`{pbx.slug}`)",
        f"{AUTH[pbx.auth_name.value]} ({pbx.auth_name.confidence})",
        f"{ports} ({confidence})",
        marked(pbx.proxy_port),
        marked(pbx.voicemail),
        settings or "–",
    )
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("pbx", PBXS, ids=lambda pbx: pbx.slug)
def test_the_table_says_what_the_preset_says(pbx: PBX) -> None:
    assert row(pbx) in TEXT.splitlines()


def test_the_table_has_no_other_rows() -> None:
    _, table, *_ = TEXT.split("|---|---|---|---|---|---|")[0:2]
    rows = table.strip().split("\n\n")[0].splitlines()

    assert rows == [row(pbx) for pbx in PBXS]
