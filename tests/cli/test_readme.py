"""README's five minutes, typed as they stand there, say what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_init_serve import START_S, ports, serving

README = Path(__file__).resolve().parents[2] / "README.md"
_SECTION = re.compile(r"^## Five minutes$(.*?)^## ", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHIPPED = "127.0.0.1:8080"
# What differs from one time to the next: moments, how long something took, bytes (of a file with a longer port in it).
_VARIES = (
    (r"\d{4}\\-\d\d\\-\d\dT[0-9:]+Z", r"\\d{4}-\\d\\d-\\d\\dT[0-9:]+Z"),
    (r"Date:\\ .*", r"Date: .*"),
    (r"(?:\\ )+\d+\\ B(?:\\ )+\d+\\ ms", r" +\\d+ B +\\d+ ms"),
)
_SOME_LINES = "…"


def tour() -> Iterator[tuple[str, list[str]]]:
    """Each command with what it prints, line by line."""
    [section] = _SECTION.findall(README.read_text(encoding="utf-8"))
    for block in _BLOCK.findall(section):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = step.rstrip("\n").split("\n")
            yield command, printed


def told(lines: list[str]) -> str:
    """An expression for *lines*; an ellipsis is the rest of its line, and alone any lines."""
    text = ""
    for line in lines:
        if line == _SOME_LINES:
            text += r"(?:.*\n)*"
            continue
        expression = re.escape(line)
        for varying, any_of_it in _VARIES:
            expression = re.sub(varying, any_of_it, expression)
        text += expression.replace(re.escape(_SOME_LINES), ".*") + r"\n"
    return text


def typed(command: str, *, phone: int, folder: Path) -> str:
    """What *command* prints, on whichever stream."""
    command = command.replace(_SHIPPED, f"127.0.0.1:{phone}").replace("curl ", "curl --silent ")
    command = command.replace(".venv/bin/provserver", f"{sys.executable} -m provserver")
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PROVSERVER_CONFIG": "settings.toml"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=START_S,
    )
    return done.stdout.replace("\r\n", "\n").replace(f"127.0.0.1:{phone}", _SHIPPED)


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_tour_is_as_it_is_written(bare: Terminal) -> None:
    phone, _ = ports(bare)
    bare.do("init", "--demo", "--config", "settings.toml")
    steps = list(tour())

    with serving(bare):
        for command, printed in steps:
            if command.startswith("cat > "):
                bare.write(command.removeprefix("cat > "), "\n".join(printed) + "\n")
                continue
            said = typed(command, phone=phone, folder=bare.folder)
            assert re.fullmatch(told(printed), said.rstrip("\n") + "\n"), f"$ {command}\n{said}"

    assert len(steps) > 8
