"""The watch over the suite fails a test during which a secret is said, and only such a test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAID = {
    "in a log line": "Sink(BytesIO()).append(b'event=served password=' + SECRET.encode())",
    "in an error": "InvalidValue('password', SECRET)",
    "in an event of a device": "ADD_EVENT.bind(tenant_id='t', device_id='d', at=1, kind='k', detail=SECRET)",
}
MODULE = """
from io import BytesIO
import pytest
from provserver.errors import InvalidValue
from provserver.log.output import Sink
from provserver.secret import Secret
from provserver.storage.events import ADD_EVENT
SECRET = "correct-horse-battery"
{mark}
def test_it() -> None:
    Secret(SECRET)
    {statement}
"""


def run_pytest(folder: Path, statement: str, mark: str = "") -> tuple[int, str]:
    """Run one test that does *statement* under the watch."""
    (folder / "test_slip.py").write_text(MODULE.format(statement=statement, mark=mark), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.watched", "-c", os.devnull, "."],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("statement", SAID.values(), ids=SAID)
def test_a_secret_that_is_said_fails_the_test(tmp_path: Path, statement: str) -> None:
    status, words = run_pytest(tmp_path, statement)

    assert status == 1
    assert "a secret was said" in words


def test_what_is_no_secret_may_be_said(tmp_path: Path) -> None:
    status, _ = run_pytest(tmp_path, "Sink(BytesIO()).append(b'event=served')")

    assert status == 0


def test_who_says_a_secret_on_purpose_has_to_mark_it(tmp_path: Path) -> None:
    status, _ = run_pytest(tmp_path, SAID["in an error"], mark='@pytest.mark.says_secrets("a reason")')

    assert status == 0
