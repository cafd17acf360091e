"""`dhcp`: what it prints is taken by the DHCP servers themselves, and no URL can break out of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.e2e.processes import locate

URL = "https://prov.example.com"
# How each server looks at a configuration without working with it.
CHECKS = {
    "isc": ("dhcpd", "-t", "-cf"),
    "kea": ("kea-dhcp4", "-t"),
    "dnsmasq": ("dnsmasq", "--test", "-C"),
}
LIMIT_S = 60


def check(server: str, file: Path) -> subprocess.CompletedProcess[str]:
    """What *server* says about the configuration in *file*."""
    program, *options = CHECKS[server]
    found = locate(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return subprocess.run([found, *options, str(file)], capture_output=True, text=True, timeout=LIMIT_S, check=False)


@pytest.mark.peer
@pytest.mark.parametrize("server", CHECKS)
def test_the_server_itself_takes_what_is_printed_for_all_makers(bare: Terminal, server: str) -> None:
    file = bare.folder / "snippet"
    file.write_text(bare.do("dhcp", server, "--url", URL, "--address", "192.0.2.9").out, encoding="ascii")
    broken = bare.folder / "broken"
    broken.write_text(file.read_text(encoding="ascii").replace("150", "nonsense"), encoding="ascii")

    assert (taken := check(server, file)).returncode == 0, taken.stderr
    assert check(server, broken).returncode != 0


def test_one_maker_is_told_what_its_phones_fill_in(bare: Terminal) -> None:
    told = bare.do("dhcp", "kea", "--url", URL, "--vendor", "fanvil", "--vendor", "fanvil").json

    (only,) = told["Dhcp4"]["client-classes"]
    assert only["name"] == "provserver-fanvil"
    assert only["option-data"] == [{"code": 66, "csv-format": False, "data": f"'{URL}/$mac.cfg'"}]


@pytest.mark.parametrize(
    ("url", "options", "address"),
    [
        (URL, (), None),
        ("http://192.0.2.7:8080/", (), "192.0.2.7"),
        (URL, ("--address", "192.0.2.8"), "192.0.2.8"),
        ("http://192.0.2.7/", ("--address", "192.0.2.8"), "192.0.2.8"),
    ],
)
def test_phones_that_know_no_url_get_the_address_if_there_is_one(
    bare: Terminal, url: str, options: tuple[str, ...], address: str | None
) -> None:
    said = bare.run("dhcp", "dnsmasq", "--url", url, "--vendor", "cisco", *options)

    told = [line.rpartition(",")[2] for line in said.out.splitlines() if ",150," in line]
    assert told == ([address] if address else [])
    assert said.code == 0
    assert said.err == ("" if address else "cisco: left out phones that want an address; give --address\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--url", f"{URL}/QUJDREVGR0hJSktMTU5PUFFS/"), "url: carries a token, which is one device's alone"),
        (("--url", f"{URL}/QUJDREVGR0hJSktMTU5PUFFS"), "url: carries a token, which is one device's alone"),
        (("--url", f"{URL}/phones/QUJDREVGR0hJSktMTU5PUFFS/a.cfg"), "url: carries a token, which is one device's"),
        (("--url", f'{URL}/";}}'), "url: has characters that a URL, or a configuration file, cannot carry"),
        (("--url", f"{URL}/'"), "url: has characters"),
        (("--url", f"{URL}/a,b"), "url: has characters"),
        (("--url", f"{URL}/\nx"), "url: has characters"),
        (("--url", f"{URL}/{{mac}}.cfg"), "url: has characters"),
        (("--url", f"{URL}/{'a/' * 100}"), "url: has more than 200 characters"),
        (("--url", "tftp://192.0.2.1/"), "url: is not an http or https URL with a host"),
        (("--url", "https://"), "url: is not an http or https URL with a host"),
        (("--url", "https://user@prov.example.com"), "url: carries a user name"),
        (("--url", URL, "--vendor", "linphone"), "vendor: 'linphone' is no maker whose phones are told by DHCP"),
        (("--url", URL, "--address", "prov.example.com"), "address: 'prov.example.com' is not an IPv4 address"),
    ],
)
def test_what_cannot_be_told_is_refused_in_one_line(bare: Terminal, arguments: tuple[str, ...], complaint: str) -> None:
    said = bare.run("dhcp", "isc", *arguments)

    assert said.complaint.startswith(complaint)
    assert said.out == ""


def test_kea_is_given_plain_json(bare: Terminal) -> None:
    assert len(json.loads(bare.run("dhcp", "kea", "--url", URL).out)["Dhcp4"]["client-classes"]) > 10
