"""The lock files fit the project, fit each other, and say nothing of where they were made."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("run", "speed", "dev", "mutants", "sslyze")
# What pip accepts and we want: a pinned package, perhaps only for some systems, and hashes.
PIN = re.compile(r"[a-z0-9-]+==[^\s;]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def lock_lines(name: str) -> list[str]:
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines()


def pins(name: str) -> set[Requirement]:
    return {Requirement(line.removesuffix("\\")) for line in lock_lines(name) if "==" in line and line[0] != " "}


def wanted(name: str) -> list[Requirement]:
    """What *name*.lock was compiled from: the requirements as people wrote them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = {
        "run": [*project["dependencies"], *input_lines("build")],
        "speed": [*project["optional-dependencies"]["speed"], *input_lines("speed")],
        "dev": [*project["dependencies"], *input_lines("build"), *input_lines("dev")],
        "mutants": [*project["dependencies"], *(line for n in ("build", "dev", "mutants") for line in input_lines(n))],
        "sslyze": input_lines("sslyze"),
    }
    return [Requirement(text) for text in texts[name]]


def input_lines(name: str) -> list[str]:
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [text for line in lines if (text := line.partition("#")[0].strip())]


def strange_lines(lines: list[str]) -> list[str]:
    return [line for line in lines if not PIN.fullmatch(line)]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(name: str) -> None:
    assert len(lock_lines(name)) > 1
    assert strange_lines(lock_lines(name)) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.com/simple",
        "--find-links /srv/wheels",
        "aiohttp @ file:///srv/wheels/aiohttp-3.14.5.whl \\",
        "aiohttp==3.14.5",
        "aiohttp>=3.14 \\",
        "    # via provserver",
    ],
)
def test_a_line_that_tells_of_its_maker_would_be_noticed(line: str) -> None:
    assert strange_lines([line]) == [line]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_all_that_is_wanted(name: str) -> None:
    pinned = {(canonicalize_name(pin.name), str(pin.specifier).removeprefix("==")) for pin in pins(name)}

    missing = [
        str(need)
        for need in wanted(name)
        if not any(
            canonicalize_name(need.name) == known and need.specifier.contains(version) for known, version in pinned
        )
    ]

    assert missing == [], "run `make lock`"


def test_the_tests_run_on_what_the_server_runs_on() -> None:
    """An environment made for tests serves `make run`, too."""
    assert {str(pin) for pin in pins("run")} <= {str(pin) for pin in pins("dev")}
    assert {str(pin) for pin in pins("dev")} <= {str(pin) for pin in pins("mutants")}
