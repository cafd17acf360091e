"""`docs/adding-a-vendor.md` is followed to the letter, both ways, until a phone of the made-up maker has booted."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from provserver.cli import vendors
from provserver.domain.vendor import Vendor
from provserver.identify import Catalogue
from provserver.local.folder import load_makers
from provserver.render import Renderer
from tests.domain import test_vendors as checks
from tests.e2e.server import Provserver
from tests.vendors import cases

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-vendor.md"
BLOCK = re.compile(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAC = "00005e005301"
PASSWORD = "s3cret-1001"
# What the tests that a new maker has to pass are made of.
TESTS = (
    "conftest.py",
    "pyproject.toml",
    "tests/__init__.py",
    "tests/watched.py",
    "tests/domain/__init__.py",
    "tests/domain/test_vendors.py",
    "tests/vendors/__init__.py",
    "tests/vendors/cases.py",
    "tests/vendors/test_cases.py",
)
# Those of the checks of built-in makers that are about data, not about where a module's files are.
OF_DATA = (
    checks.test_every_fact_has_a_source_and_a_confidence,
    checks.test_an_installer_is_told_how_the_url_gets_into_the_phone,
    checks.test_blocks_are_canonical_and_softphones_have_none,
    checks.test_names_of_rules_are_unique_and_patterns_are_shapes,
    checks.test_the_sections_of_a_file_are_those_of_its_rows,
    checks.test_every_row_is_about_something_that_exists,
    checks.test_a_row_translates_only_values_that_its_setting_can_have,
    checks.test_a_row_that_writes_a_switch_translates_it,
    checks.test_models_have_names_of_their_own_and_are_found_by_them,
    checks.test_agents_are_looked_up_by_lower_case_words,
    checks.test_the_played_phone_is_known_by_its_own_user_agent,
    checks.test_every_file_that_names_a_device_is_known_as_its_makers,
    checks.test_every_rule_is_found_again_by_the_file_it_names,
)


def write_blocks(folder: Path, *, module: bool) -> list[Path]:
    """Write the files of one of the two ways below *folder*."""
    by_hand, by_module = PAGE.read_text(encoding="utf-8").split("\n## As a module\n")
    written = []
    for name, content in BLOCK.findall(by_module if module else by_hand):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        written.append(file)
    return written


@pytest.fixture
def makers(tmp_path: Path) -> Path:
    """The operator's folder."""
    write_blocks(tmp_path / "makers", module=False)
    return tmp_path / "makers"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the program, and of the tests of makers, with the module in it."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "provserver", tree / "provserver", ignore=shutil.ignore_patterns("__pycache__"))
    for name in TESTS:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    write_blocks(tree, module=True)
    return tree


async def boot_twice(server: Provserver, folder: Path) -> None:
    """A phone of the maker is loaded, boots over a real socket, and boots again from the URL that it has learnt."""
    devices = folder / "devices.csv"
    devices.write_text(f"mac,user_name,password,registrar\n{MAC},1001,{PASSWORD},pbx.example.com\n", encoding="utf-8")
    await server.commands(
        ("init",), ("tenant", "add", "reseller"), ("device", "import", str(devices), "--tenant", "reseller")
    )
    async with server.serving():
        said = await server.commands(
            ("simulate", "acme", "--url", server.url, "--mac", MAC, "--twice", "--json"),
            ("device", "show", MAC, "--json"),
        )
    played, shown = map(json.loads, said.splitlines())

    for booted in (played, played["again"]):
        assert [(asked["file"], asked["status"]) for asked in booted["requests"]] == [
            ("acmeA2.cfg", 404),
            (f"{MAC}.cfg", 200),
        ]
        (account,) = booted["accounts"]
        assert (account["user_name"], account["registrar"], account["password"]) == ("1001", "pbx.example.com", "held")
    assert played["next_url"] == f"{server.url}/<token>/"
    assert (shown["vendor"], shown["state"], shown["credentials"]["held"]) == ("acme", "provisioned", True)
    assert PASSWORD not in server.output.read_text()


@pytest.mark.timeout(300)  # a copy of the program that nothing has compiled yet, loaded three times
async def test_a_module_is_followed_until_a_phone_has_booted(tree: Path, tmp_path: Path) -> None:
    await boot_twice(Provserver(tmp_path, program=tree, limit_s=90), tmp_path)


@pytest.mark.timeout(300)
async def test_a_folder_is_followed_until_a_phone_has_booted(makers: Path, tmp_path: Path) -> None:
    server = Provserver(tmp_path, limit_s=90, VENDORS__FOLDER=str(makers))

    await boot_twice(server, tmp_path)


async def test_a_module_passes_the_tests_of_every_maker(tree: Path) -> None:
    command = "-m pytest -q -p no:cacheprovider tests/domain/test_vendors.py tests/vendors/test_cases.py -k acme"

    done = await asyncio.to_thread(run, tree, command)

    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) passed", done.stdout)
    assert found
    assert int(found[1]) >= len(OF_DATA)


async def test_a_module_is_written_as_the_house_rules_have_it(tree: Path) -> None:
    for command in ("-m ruff check provserver/vendors/acme", "-m ruff format --check provserver/vendors/acme"):
        done = await asyncio.to_thread(run, tree, command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("check", OF_DATA, ids=lambda check: check.__name__)
def test_the_maker_of_the_folder_keeps_what_built_in_ones_keep(
    makers: Path, check: Callable[[Vendor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = load_makers(makers).vendors
    monkeypatch.setattr(checks, "CATALOGUE", Catalogue(found))

    check(next(vendor for vendor in found if vendor.slug == "acme"))


def test_the_folder_is_sound_as_the_page_says(makers: Path) -> None:
    said = re.search(r"^\$ provserver vendor check .*\n(.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    shown = CliRunner().invoke(vendors.app, ["check", str(makers)])

    assert said
    assert (shown.exit_code, shown.output) == (0, f"{said[1]}\n")


def test_both_ways_give_the_same_files(makers: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The evidence of the module holds for the folder, byte by byte."""
    found = load_makers(makers)
    monkeypatch.setattr(cases, "CATALOGUE", Catalogue(found.vendors))
    monkeypatch.setattr(cases, "RENDERER", Renderer(templates=found.templates))

    folders = sorted((tree / "tests" / "vendors" / "acme").iterdir())

    assert len(folders) == 3
    for folder in folders:
        case = cases.load_case(folder)
        assert case.answer_bytes() == (case.expected.read_bytes() if case.expected else None), folder


def test_the_page_names_every_key_that_the_file_may_have() -> None:
    from provserver.local.document import Document  # noqa: PLC0415 - only its fields

    tables = PAGE.read_text(encoding="utf-8").partition("| table | keys")[2].partition("\nFields of a line")[0]
    for name, field in Document.model_json_schema()["properties"].items():
        assert f"`{name}`" in tables or f"[{name}]" in tables or name in ("source", "confidence"), (name, field)
    for table in Document.model_json_schema()["$defs"].values():
        for name in table["properties"]:
            assert f"`{name}`" in tables or name in ("source", "confidence"), name


def run(tree: Path, command: str) -> subprocess.CompletedProcess[str]:
    """A command of Python's in *tree*, which it finds its modules in."""
    return subprocess.run(
        [sys.executable, *command.split()], cwd=tree, capture_output=True, text=True, check=False, timeout=100
    )
