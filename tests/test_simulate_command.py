"""`simulate` shows what played phones ask and get, keeps their secrets, and says in its exit code how it went."""

import asyncio
import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from provserver.errors import ConfigurationError
from provserver.local.folder import Makers
from tests.certificates import self_signed
from tests.played import PASSWORD, TOKEN, answering, config, make_vendor, serving

# By name: the package may hold the function of the same name.
command = importlib.import_module("provserver.cli.simulate")


async def run(*arguments: str, stdin: str | None = None) -> Result:
    """Run the command as a program of its own would."""
    program = typer.Typer()
    program.command()(command.simulate)
    return await asyncio.to_thread(CliRunner().invoke, program, ["tester", *arguments], input=stdin)


@pytest.fixture(autouse=True)
def _tester(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own maker instead of the real ones."""
    monkeypatch.setattr(command, "makers_of", lambda _config: Makers(vendors=(make_vendor(),)))


async def test_a_phone_is_shown_with_what_it_asked_and_got() -> None:
    async with serving(answering(m0a0b0c000001=config(f"https://prov.test/{TOKEN}/"))) as server:
        shown = await run("--url", f"{server.url}/{TOKEN}/", "--mac", "0A:0B:0C:00:00:01", "--firmware", "9.9")

    words = [line.split() for line in shown.stdout.splitlines()]
    assert words[0] == ["0a0b0c000001", "T1", "9.9"]
    assert [line[:3] for line in words[1:4]] == [
        ["GET", "common.cfg", "404"],
        ["GET", "0a0b0c000001.cfg", "200"],
        ["PUT", "0a0b0c000001.log", "404"],
    ]
    assert shown.stdout.splitlines()[4:] == [
        "  account 1: 1001 at pbx.test, password held",
        "  asks next: https://prov.test/<token>/",
    ]
    assert shown.stderr == ""
    assert shown.exit_code == 0


async def test_json_has_an_object_a_phone() -> None:
    files = {f"m0a0b0c00000{n}": config(f"http://127.0.0.1/{TOKEN}/", password="x" * (n - 1)) for n in (1, 2)}
    async with serving(answering(**files)) as server:
        shown = await run("--url", server.url, "--first-mac", "0a0b0c000001", "--count", "2", "--json")

    objects = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [one["mac"] for one in objects] == ["0a0b0c000001", "0a0b0c000002"]
    assert [one["accounts"][0]["password"] for one in objects] == ["none", "held"]
    assert objects[0]["accounts"][0] | {"password": ""} == {
        "number": 1, "user_name": "1001", "auth_name": None, "registrar": "pbx.test", "password": "",
    }  # fmt: skip
    assert objects[0]["next_url"] == "http://127.0.0.1/<token>/"
    assert [asked["status"] for asked in objects[0]["requests"]] == [404, 200, 404]
    assert set(objects[0]["requests"][0]) == {"method", "file", "status", "size_bytes", "seconds"}
    assert objects[0]["again"] is None
    assert shown.exit_code == 0


@pytest.mark.parametrize("form", [[], ["--json"]])
async def test_neither_password_nor_token_is_printed(form: list[str]) -> None:
    async with serving(answering(m0a0b0c000001="")) as server:
        here = f"{server.url}/{TOKEN}/"
    async with serving(answering(m0a0b0c000001=config(here))) as server:
        shown = await run("--url", f"{server.url}/{TOKEN}/", "--mac", "0a0b0c000001", "--twice", *form)

    assert "held" in shown.stdout
    assert "no connection" in shown.stdout
    assert shown.exit_code == 1
    for secret in (PASSWORD, TOKEN):
        assert secret not in shown.output


async def test_many_phones_are_added_up() -> None:
    async with serving(answering(m0a0b0c000001=config(), m0a0b0c000003=config())) as server:
        shown = await run("--url", server.url, "--mac", "0a0b0c000003", "--first-mac", "0a0b0c000001", "--count", "2")

    lines = shown.stdout.splitlines()
    assert lines[-4:-1] == [
        "3 phones, 2 of them with an account",
        "2 accounts, 2 of them with a password",
        "answers: 2 × 200, 7 × 404",
    ]
    assert lines[-1].startswith("seconds: p50 0.")
    assert shown.stderr == "1 of 3 phones got no account; 0a0b0c000002: no file that it got holds one\n"
    assert shown.exit_code == 1


async def test_a_second_boot_is_shown_below_the_first() -> None:
    async with serving(answering(m0a0b0c000001=config())) as server:
        shown = await run("--url", server.url, "--mac", "0a0b0c000001", "--twice", "--no-upload")

    assert "  booted again:\n    0a0b0c000001  T1  1.2.3\n      GET" in shown.stdout
    assert len(server.lines) == 4
    assert shown.exit_code == 0


@pytest.mark.parametrize("source", ["file", "stdin"])
async def test_the_url_is_read_from_a_file_or_stdin(source: str, tmp_path: Path) -> None:
    async with serving(answering(m0a0b0c000001=config())) as server:
        text = f"{server.url}/{TOKEN}/\nmore\n"
        (tmp_path / "url").write_text(text)
        file, stdin = (str(tmp_path / "url"), None) if source == "file" else ("-", text)
        shown = await run("--url-file", file, "--mac", "0a0b0c000001", stdin=stdin)

    assert server.lines[0] == f"GET /{TOKEN}/common.cfg"
    assert shown.exit_code == 0


async def test_hosts_and_authorities_can_be_allowed(tmp_path: Path) -> None:
    tls, trust = self_signed(tmp_path)
    async with serving(answering(m0a0b0c000001=config()), tls=tls) as server:
        there = f"{server.url}/{TOKEN}/"
        port = server.url.rpartition(":")[2]
        async with serving(answering(m0a0b0c000001=config(there))) as first:
            away = first.url.replace("127.0.0.1", "localhost")
            plain = ("--url", away, "--mac", "0a0b0c000001", "--twice", "--ca-file", str(trust))
            kept = await run(*plain)
            allowed = await run(*plain, "--allow-host", "127.0.0.1")

    assert kept.exit_code == 1
    assert "not asked, on another host: common.cfg" in kept.stdout
    assert allowed.exit_code == 0, allowed.output
    assert f"asks next: https://127.0.0.1:{port}/<token>/" in allowed.stdout


async def test_a_server_cannot_write_to_the_terminal() -> None:
    async with serving(answering(m0a0b0c000001="10\x1b[2J01\npw\nhttp://x\x07/")) as server:
        shown = await run("--url", server.url, "--mac", "0a0b0c000001")

    assert "account 1: 10�[2J01 at" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "\x07" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mac", "nonsense"], "mac: 'nonsense' is not a MAC address"),
        (["--mac", "0a0b0c000001", "--url", f"ftp://h/{TOKEN}/"], "url: is not an http or https URL with a host"),
        (["--mac", "0a0b0c000001", "--url-file", "/nowhere"], "url-file: cannot read /nowhere: No such file"),
        (["--mac", "0a0b0c000001", "--ca-file", "/nowhere"], "ca-file: cannot read /nowhere: No such file"),
        (["--mac", "0a0b0c000001", "--ca-file", __file__], f"ca-file: cannot read {__file__}: "),
        (["--first-mac", "0a0b0cffffff", "--count", "2"], "count: 2 addresses from 0a0b0cffffff on leave"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], words: str) -> None:
    shown = await run(*arguments)

    assert shown.exit_code == 1
    assert shown.stderr.startswith(words)
    assert shown.stderr.count("\n") == 1
    assert shown.stdout == ""


async def test_an_unknown_maker_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(make_vendor(), slug="other")
    monkeypatch.setattr(command, "makers_of", lambda _config: Makers(vendors=(other,)))

    shown = await run("--mac", "0a0b0c000001")

    assert (shown.exit_code, shown.stderr) == (1, "no vendor 'tester'\n")


@pytest.mark.parametrize("arguments", [[], ["--mac", "0a0b0c000001", "--count", "2"], ["--count", "0"]])
async def test_a_wrong_usage_is_told_apart(arguments: list[str]) -> None:
    shown = await run(*arguments)

    assert shown.exit_code == 2
    assert shown.stdout == ""


async def test_the_url_comes_from_the_settings_unless_it_is_given(tmp_path: Path) -> None:
    async with serving(answering(m0a0b0c000001=config(f"https://prov.test/{TOKEN}/"))) as server:
        file = tmp_path / "provserver.toml"
        file.write_text(f'[phone]\nurl = "{server.url}"\n')
        nowhere = tmp_path / "nowhere.toml"
        nowhere.write_text('[phone]\nurl = "http://127.0.0.1:1"\n')

        found = await run("--config", str(file), "--mac", "0a0b0c000001")
        given = await run("--config", str(nowhere), "--url", server.url, "--mac", "0a0b0c000001")
        lost = await run("--config", str(nowhere), "--mac", "0a0b0c000001")

    assert [shown.exit_code for shown in (found, given, lost)] == [0, 0, 1]
    assert "account 1: 1001 at pbx.test, password held" in found.stdout


async def test_settings_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    shown = await run("--config", str(tmp_path / "missing.toml"), "--mac", "0a0b0c000001")

    assert shown.exit_code == 1
    assert isinstance(shown.exception, ConfigurationError)
    assert "missing.toml" in str(shown.exception)
