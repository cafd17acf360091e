"""`alert list`: what detectors have said, for people, for programs and for log collectors."""

from __future__ import annotations

import asyncio
import re

from provserver import __version__
from provserver.app import build
from provserver.settings import DataSettings, Settings
from tests.cli.terminal import Terminal
from tests.services.outlets import raise_alerts


def has_raised(terminal: Terminal, count: int, *, value: str = "192.0.2.7") -> None:
    """The server has written alerts down."""

    async def work() -> None:
        settings = Settings(data=DataSettings(directory=terminal.folder / "data"))
        async with build(settings, actor="server") as services:
            await raise_alerts(services, count, value=value)

    asyncio.run(work())


def test_alerts_are_a_line_of_cef_each_the_newest_first(terminal: Terminal) -> None:
    has_raised(terminal, 2)

    lines = terminal.do("alert", "list", "--cef").out.splitlines()

    assert [re.search(r"externalId=(\d+) ", line)[1] for line in lines] == ["2", "1"]  # type: ignore[index]
    assert lines[1].startswith(f"CEF:0|provserver|provserver|{__version__}|mac-walk|S2|8|rt=1760000000000 ")
    assert lines[1].endswith(" src=192.0.2.7")


def test_what_strangers_sent_stays_in_its_line_and_field(terminal: Terminal) -> None:
    has_raised(terminal, 1, value="x\r\nCEF:0|a|b\u2028act=allow\\")

    (line,) = terminal.do("alert", "list", "--cef").out.splitlines()

    assert "cs2=xCEF:0|a|bact\\=allow\\\\ cs3Label" in line


def test_so_many_are_listed_as_were_asked_for_and_of_a_tenant_its_own(terminal: Terminal) -> None:
    has_raised(terminal, 3)

    assert len(terminal.do("alert", "list", "--cef", "--limit", "2").out.splitlines()) == 2
    assert terminal.do("alert", "list", "--cef", "--tenant", "acme").out == ""
    assert [alert["id"] for alert in terminal.do("alert", "list", "--json").json] == [3, 2, 1]
