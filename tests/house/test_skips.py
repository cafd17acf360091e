"""With CI set, a skipped test is a failed one; at a desk it is a skipped one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ONE_TEST = 'import pytest\n\ndef test_call() -> None:\n    pytest.skip("no softphone here")\n'
WHOLE_MODULE = 'import pytest\n\npytest.skip("no softphone here", allow_module_level=True)\n'
MARKED = 'import pytest\n\n@pytest.mark.skip(reason="no softphone here")\ndef test_call() -> None: ...\n'
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_call() -> None:\n    assert 1 == 2\n"


def run_pytest(folder: Path, text: str, *, ci: bool) -> tuple[int, str]:
    """Run the one test module *text* under this repository's conftest.py; exit status and what pytest printed."""
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "test_peer.py").write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "test_peer.py"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | ({"CI": "true"} if ci else {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("text", [ONE_TEST, WHOLE_MODULE, MARKED])
def test_a_skip_fails_in_ci_and_says_why(tmp_path: Path, text: str) -> None:
    status, words = run_pytest(tmp_path, text, ci=True)

    assert status != 0
    assert "skipped, and CI is set" in words
    assert "no softphone here" in words


def test_a_skip_is_a_skip_at_a_desk(tmp_path: Path) -> None:
    status, words = run_pytest(tmp_path, ONE_TEST, ci=False)

    assert status == 0
    assert "1 skipped" in words


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    status, words = run_pytest(tmp_path, EXPECTED_FAILURE, ci=True)

    assert status == 0
    assert "1 xfailed" in words
