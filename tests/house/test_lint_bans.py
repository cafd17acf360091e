"""The linter, as it is configured here, refuses what this house forbids, and only where it is forbidden."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WALL_CLOCK = "import time\n\nNOW = time.time()\n"
MACHINE_DATE = "import datetime as dt\n\nNOW = dt.datetime.now(dt.UTC)\n"
LOOSE_TASK = "import asyncio\n\n\nasync def start() -> None:\n    await asyncio.create_task(asyncio.sleep(0))\n"
LOOSE_FUTURE = LOOSE_TASK.replace("create_task", "ensure_future")
PRINTED = 'print("hello")\n'


def codes(text: str, *, at: str) -> set[str]:
    """The rules that *text* breaks if it stands at *at*."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "json", "--stdin-filename", at, "-"]
    done = subprocess.run(
        command, input=f'"""Doc."""\n\n{text}', cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    return {found["code"] for found in json.loads(done.stdout)}


@pytest.mark.parametrize(
    ("text", "at", "code"),
    [
        (WALL_CLOCK, "provserver/services/devices.py", "TID251"),
        (MACHINE_DATE, "provserver/services/devices.py", "TID251"),
        (LOOSE_TASK, "provserver/app.py", "TID251"),
        (LOOSE_FUTURE, "provserver/jobs.py", "TID251"),
        (WALL_CLOCK, "tests/services/test_devices.py", "TID251"),
        (PRINTED, "provserver/http/phone/site.py", "T201"),
    ],
)
def test_the_linter_refuses(text: str, at: str, code: str) -> None:
    assert code in codes(text, at=at)


@pytest.mark.parametrize(
    ("text", "at", "code"),
    [(WALL_CLOCK, "provserver/clock.py", "TID251"), (PRINTED, "provserver/cli/device.py", "T201")],
)
def test_the_linter_lets_the_owner(text: str, at: str, code: str) -> None:
    assert code not in codes(text, at=at)
