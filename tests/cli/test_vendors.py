"""`vendor list|show|check`: who is known, what each setting becomes, and what is wrong in an operator's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from provserver.domain.catalogue import SPECS
from provserver.vendors import load_vendors
from tests.cli.terminal import MARK, Terminal
from tests.cli.test_device_release import registrar
from tests.local.folder import ACME, MAC, write_maker


def test_a_maker_is_shown_with_its_words_for_every_setting(bare: Terminal) -> None:
    shown = bare.do("vendor", "show", "yealink").out.splitlines()

    (payload,) = [line for line in shown if line.startswith("dtmf_payload ")]
    (syslog,) = [line for line in shown if line.startswith("syslog_server ")]
    assert payload.split()[1:] == ["account.{n}.dtmf.dtmf_payload"]
    assert syslog.endswith("  not supported by this maker")


def test_a_program_gets_the_same_as_json(bare: Terminal) -> None:
    shown = bare.do("vendor", "show", "yealink", "--json").json

    assert shown["vendor"] == "yealink"
    assert list(shown["settings"]) == [spec.name for spec in SPECS]
    assert shown["settings"]["dtmf_payload"] == ["account.{n}.dtmf.dtmf_payload"]
    assert shown["settings"]["syslog_server"] is None


def test_a_maker_that_is_not_known_is_one_line(bare: Terminal) -> None:
    assert bare.run("vendor", "show", "nobody").complaint == "no vendor 'nobody'"


@pytest.fixture
def folder(bare: Terminal) -> Path:
    """A folder with a maker in it, which the settings name."""
    folder = write_maker(bare.folder / "makers")
    bare.patch.setenv("PROVSERVER_VENDORS__FOLDER", str(folder))
    return folder


def test_a_folder_that_is_in_order_is_sound(bare: Terminal, folder: Path) -> None:
    write_maker(folder, "", slug="yealink", config="{{ device.mac.value }}")

    assert bare.do("vendor", "check").out.splitlines() == [
        "acme: added here, 2 files, 1 models: sound",
        (
            f"yealink: built in, changed here, {_count('yealink', 'files')} files, "
            f"{_count('yealink', 'models')} models: sound"
        ),
    ]
    bare.patch.delenv("PROVSERVER_VENDORS__FOLDER")
    assert bare.do("vendor", "check", str(folder), "--json").json == {
        "problems": [],
        "vendors": {"acme": "added here", "yealink": "built in, changed here"},
    }


def test_all_mistakes_are_listed_a_line_each(bare: Terminal, folder: Path) -> None:
    write_maker(folder, ACME.replace("lines = 2", "lines = -2").replace('answer = "omit"', 'answer = "x"'))

    said, as_json = bare.run("vendor", "check"), bare.run("vendor", "check", "--json")

    assert (said.code, said.out) == (1, "")
    assert [line.rpartition("/")[2].partition(":")[0] for line in said.err.splitlines()] == ["maker.toml"] * 2
    assert as_json.code == 1
    assert [problem["line"] for problem in as_json.json["problems"]] == [
        number for number, line in enumerate(ACME.splitlines(), start=1) if line in ("lines = 2", 'answer = "omit"')
    ]


def test_without_a_folder_there_is_nothing_to_check(bare: Terminal) -> None:
    assert bare.run("vendor", "check").complaint == "vendors.folder: is not set, and no folder was given"


def test_a_folder_with_a_mistake_stops_every_command_with_one_line(terminal: Terminal, folder: Path) -> None:
    (folder / "acme" / "config.cfg.j2").write_text("a\n{{ nothing }}\n")

    for command in (("serve",), ("vendor", "list"), ("device", "search"), ("identify", "--path", "/x.cfg")):
        assert terminal.run(*command).complaint == f"{folder}/acme/config.cfg.j2:2: 'nothing' is undefined"


@pytest.mark.usefixtures("folder")
def test_a_maker_of_the_folder_is_listed_shown_and_identified(bare: Terminal) -> None:
    (row,) = [line for line in bare.do("vendor", "list").out.splitlines() if line.startswith("acme ")]
    shown = bare.do("vendor", "show", "acme", "--json").json

    assert row.split() == ["acme", "Acme", "1", "1", "omit", "check-sync", "added", "here"]
    assert shown["origin"] == "added here"
    assert shown["settings"]["key.N"] == ["key.1.type", "key.1.value"]
    assert shown["settings"]["syslog_server"] is None
    found = bare.do("identify", "--user-agent", f"Acme A2 1.4.2 {MAC.colons}", "--json").json
    assert (found["vendor"], found["model"], found["mac"]) == ("acme", "A2", MAC.value)


def test_the_settings_file_names_the_folder_too(bare: Terminal, folder: Path) -> None:
    bare.patch.delenv("PROVSERVER_VENDORS__FOLDER")
    config = bare.write("my.toml", f'[vendors]\nfolder = "{folder}"\n')

    assert bare.do("identify", "--path", f"/{MAC}.cfg", "--config", config, "--json").json["vendor"] == "acme"


@pytest.mark.usefixtures("folder")
def test_devices_of_such_a_maker_are_imported_shown_and_rendered_like_all_others(terminal: Terminal) -> None:
    rows = f"mac,user_name,password,registrar,model,set:lldp\n{MAC},1001,{MARK},pbx.example.com,a2,on\n"
    terminal.do("device", "import", "-", "--tenant", "acme", stdin=rows)

    shown = terminal.do("device", "show", MAC.value, "--json").json
    text = terminal.do("device", "render", MAC.value, f"{MAC}.cfg").out

    assert (shown["vendor"], shown["model"], shown["state"]) == ("acme", "A2", "armed")
    assert "account.1.user = 1001\n" in text
    assert "account.1.password = ********\n" in text
    assert "net.lldp = 1\n" in text
    assert "more than the 2 lines of a A2" in terminal.run("device", "set", MAC.value, "line.3.user_name=1",
                                                            "line.3.registrar=pbx").complaint  # fmt: skip


@pytest.mark.usefixtures("folder")
def test_a_device_whose_maker_is_gone_is_named_and_the_server_does_not_start(terminal: Terminal) -> None:
    terminal.do("device", "add", "--tenant", "acme", "--mac", MAC.value)
    terminal.patch.delenv("PROVSERVER_VENDORS__FOLDER")

    assert terminal.run("device", "show", MAC.value).complaint == "no vendor 'acme'"
    assert terminal.run("device", "resync", MAC.value).complaint == "no vendor 'acme'"
    assert terminal.run("serve").complaint == "there are devices of a maker that is not known: acme"
    terminal.do("device", "delete", MAC.value, "--yes")


def _count(slug: str, what: str) -> int:
    return len(getattr(next(vendor for vendor in load_vendors() if vendor.slug == slug), what))


@pytest.mark.usefixtures("folder")
def test_such_a_phone_is_asked_to_come_again_by_its_makers_event(terminal: Terminal) -> None:
    with registrar("200 OK") as (port, seen):
        terminal.do("device", "add", "--tenant", "acme", "--mac", MAC.value, "--line", f"1001@127.0.0.1:{port}",
                    stdin=f"{MARK}\n")  # fmt: skip
        terminal.do("device", "resync", MAC.value)

    assert "Event: check-sync\r\n" in seen[0]
    assert terminal.run("device", "resync", MAC.value, "--reboot").complaint == (
        "Acme devices know no NOTIFY that makes them restart"
    )
