"""`serve` listens for TFTP where the settings ask for it, and does not start with settings that would serve nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from tests.system.server import Nursery, log_of, opened, settings_for
from tests.tftp.client import fetch

MAC = MacAddress("00562b043601")
PASSWORD = "correct-horse-1001"
ON = {
    "TFTP__ENABLED": "true",
    "TFTP__PORT": "0",
    "TFTP__NETWORKS": "127.0.0.0/8",
    "TFTP__MAKERS": "cisco",
}


async def fill(directory: Path) -> None:
    """One armed phone."""
    async with opened(settings_for(directory)) as services:
        wanted = Wanted(
            tenant=await services.tenants.add("shop"),
            mac=MAC,
            vendor="cisco",
            model="7941G",
            lines=(Line(number=1, user_name="1001", registrar=Endpoint.parse("pbx.example.com")),),
            passwords={1: Secret(PASSWORD)},
            settings={},
            secret_settings={},
        )
        await services.devices.put([wanted], arm=True)


async def test_a_phone_is_served_and_the_server_stops_with_its_tftp_port(nursery: Nursery, tmp_path: Path) -> None:
    directory, output = tmp_path / "data", tmp_path / "log"
    await fill(directory)

    async with nursery.serving(directory, output, **ON):
        (started,) = [line for line in log_of(output) if line["event"] == "server.started"]
        host, _, port = str(started["tftp"]).rpartition(":")
        content = await fetch((host, int(port)), f"SEP{MAC.upper}.cnf.xml")

    assert PASSWORD.encode() in content
    events = log_of(output)
    (answered,) = [line for line in events if line["event"] == "request.answered"]
    assert (answered["outcome"], answered["mac"]) == ("delivered", MAC.value)
    assert events[-1]["event"] == "server.stopped"
    assert not [line for line in events if line["level"] == "error"]


async def test_it_is_off_by_default(nursery: Nursery, tmp_path: Path) -> None:
    directory, output = tmp_path / "data", tmp_path / "log"

    async with nursery.serving(directory, output):
        (started,) = [line for line in log_of(output) if line["event"] == "server.started"]

    assert "tftp" not in started


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"TFTP__NETWORKS": ""}, "tftp.networks is empty: nobody would be answered"),
        ({"TFTP__MAKERS": ""}, "tftp.makers is empty: nobody would be served"),
        ({"TFTP__MAKERS": "cisco nobody"}, "tftp.makers: no maker nobody"),
        ({"TFTP__HOST": "203.0.113.9"}, "cannot listen on 203.0.113.9 UDP port 0"),
    ],
)
async def test_settings_that_would_serve_nobody_are_refused(
    nursery: Nursery, tmp_path: Path, changed: dict[str, str], complaint: str
) -> None:
    said = await nursery.refused(tmp_path / "data", tmp_path / "log", **(ON | changed))

    assert said.splitlines()[-1].startswith(complaint)
