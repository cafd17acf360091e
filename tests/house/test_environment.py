"""`make` installs when something changed, and only then; a failure leaves no mark that says otherwise."""

from pathlib import Path

import pytest

from tools import environment


class Installed:
    """A pip that writes down what it was asked for, and fails where it is told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.venvs: list[Path | None] = []
        self.fails_on = "nothing"

    def __call__(self, *arguments: str, venv: Path | None = None) -> None:
        self.calls.append(Path(arguments[-1]).name)
        self.venvs.append(venv)
        if self.calls[-1] == self.fails_on:
            raise environment.InstallFailed(f"pip could not install {self.fails_on}")


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """A project folder "house" with lock files, whose environments are made by a pip that only writes down."""
    root = tmp_path / "house"
    (root / "requirements").mkdir(parents=True)
    for name in ("run", "speed", "dev", "mutants", "sslyze"):
        (root / "requirements" / f"{name}.lock").write_text(f"{name}==1\n", encoding="utf-8")
    (root / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    pip = Installed()
    monkeypatch.setattr(environment, "ROOT", root)
    monkeypatch.setattr(environment, "LOCKS", root / "requirements")
    monkeypatch.setattr(environment, "VENV", root / ".venv")
    monkeypatch.setattr(environment, "LOG", root / ".venv" / "install.log")
    monkeypatch.setattr(environment, "pip", pip)
    monkeypatch.setattr(environment, "create_venv", lambda: touch(root / ".venv" / "bin" / "python"))
    monkeypatch.setattr(environment, "make_venv", lambda folder: touch(folder / "bin" / "python"))
    return pip


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_the_second_run_installs_nothing(pip: Installed) -> None:
    assert environment.main("run") == 0
    assert pip.calls == ["run.lock", "speed.lock", "house"]

    assert environment.main("run") == 0
    assert len(pip.calls) == 3


def test_an_environment_for_tests_serves_the_server(pip: Installed) -> None:
    environment.main("dev")
    assert pip.calls == ["dev.lock", "speed.lock", "house"]

    environment.main("run")
    assert len(pip.calls) == 3


def test_an_environment_for_mutants_serves_tests_and_the_server(pip: Installed) -> None:
    environment.main("mutants")
    assert pip.calls == ["mutants.lock", "speed.lock", "house"]

    environment.main("dev")
    environment.main("run")
    assert len(pip.calls) == 3


def test_an_environment_for_the_server_does_not_serve_tests(pip: Installed) -> None:
    environment.main("run")

    environment.main("dev")

    assert pip.calls[3:] == ["dev.lock", "speed.lock", "house"]


@pytest.mark.parametrize("changed", ["requirements/run.lock", "requirements/speed.lock", "pyproject.toml"])
def test_a_change_installs_again(pip: Installed, changed: str) -> None:
    environment.main("run")

    (environment.ROOT / changed).write_text("changed==2\n", encoding="utf-8")
    environment.main("run")

    assert len(pip.calls) == 6


@pytest.mark.parametrize("missing", ["bin/python", "installed-run"])
def test_a_damaged_environment_is_made_good(pip: Installed, missing: str) -> None:
    environment.main("run")

    (environment.VENV / missing).unlink()
    environment.main("run")

    assert len(pip.calls) == 6


@pytest.mark.parametrize("broken", ["run.lock", "house"])
def test_a_failure_is_one_status_and_is_tried_again(
    pip: Installed, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    pip.fails_on = broken
    assert environment.main("run") == 1
    assert broken in capsys.readouterr().err

    pip.fails_on = "nothing"
    assert environment.main("run") == 0
    assert pip.calls[-3:] == ["run.lock", "speed.lock", "house"]


def test_the_server_does_without_speed(pip: Installed, capsys: pytest.CaptureFixture[str]) -> None:
    pip.fails_on = "speed.lock"

    assert environment.main("run") == 0
    assert "No uvloop" in capsys.readouterr().out


def test_sslyze_lives_apart(pip: Installed) -> None:
    environment.main("dev")
    assert environment.main("sslyze") == 0
    assert environment.main("sslyze") == 0

    assert pip.calls == ["dev.lock", "speed.lock", "house", "sslyze.lock"]
    assert pip.venvs[-1] == environment.VENV / "sslyze"
    assert environment.is_current("dev")


def test_tests_do_without_sslyze_and_try_again(pip: Installed, capsys: pytest.CaptureFixture[str]) -> None:
    pip.fails_on = "sslyze.lock"

    assert environment.main("sslyze") == 0
    assert "No sslyze" in capsys.readouterr().out
    assert environment.main("sslyze") == 0
    assert pip.calls == ["sslyze.lock", "sslyze.lock"]
