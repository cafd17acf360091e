"""
Make .venv hold what a lock file names: ``python tools/environment.py run``.

Instead of run: ``dev``, run and what checks need; ``mutants``, dev and what `make mutants` needs; ``sslyze``, an
environment of its own in .venv/sslyze, because it wants an older `cryptography` than the server. Standard library only,
because it runs on the bare Python that was found. A second run is instant: what was installed is written down in .venv,
and anything that changes it (lock, project, Python, folder) makes it different.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "requirements"
LOG = VENV / "install.log"
LAST_LINES = 12  # of pip's own words when it fails: its error is at the end, the log has the rest
STEP = 10  # packages between two lines of progress: a line every few seconds on a slow network
GOT_HOLD = ("Collecting ", "Processing ", "Requirement already satisfied: ")  # how pip begins a package
# dev.lock holds all of run.lock, and mutants.lock all of dev.lock, in the same versions.
CONTENT = {"run": ("run",), "dev": ("dev", "run"), "mutants": ("mutants", "dev", "run")}
SSLYZE = "sslyze"


class InstallFailed(Exception):
    """One clear line on why the environment is not complete."""


def main(kind: str) -> int:
    """Bring .venv up to *kind*; 0 when it is, 1 with one line on stderr when it cannot be."""
    try:
        if is_current(kind):
            return 0
        if kind == SSLYZE:
            prepare_sslyze()
        else:
            prepare(kind)
    except InstallFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


def prepare(kind: str) -> None:
    """Create .venv unless a fitting one is there, fill it, and write down what it holds."""
    create_venv()
    install_lock(LOCKS / f"{kind}.lock")
    install_speed()
    print("Installing provserver itself, from this folder …", flush=True)
    # The build backend came with the lock. Isolation would fetch it again, unhashed.
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))
    for content in CONTENT[kind]:
        stamp(content).write_text(fingerprint(content), encoding="utf-8")


def prepare_sslyze() -> None:
    """Create .venv/sslyze; one test needs it, so without it everything else goes on."""
    lock = LOCKS / f"{SSLYZE}.lock"
    create_venv()
    print(
        f"Installing about {count_pins(lock)} packages from {lock.relative_to(ROOT)}, apart from the others …",
        flush=True,
    )
    try:
        make_venv(VENV / SSLYZE)
        pip("install", "--require-hashes", "--requirement", str(lock), venv=VENV / SSLYZE)
    except InstallFailed:
        print(f"No sslyze (why: {LOG.relative_to(ROOT)}): the tests that ask it are skipped", flush=True)
    else:
        stamp(SSLYZE).write_text(fingerprint(SSLYZE), encoding="utf-8")


def stamp(content: str) -> Path:
    """Where it is written down what was installed for *content*."""
    return VENV / f"installed-{content}"


def is_current(content: str) -> bool:
    """Whether .venv holds *content* as it would be installed now."""
    if not (VENV / "bin" / "python").exists() or not stamp(content).is_file():
        return False
    return stamp(content).read_text(encoding="utf-8") == fingerprint(content)


def fingerprint(content: str) -> str:
    """One line that differs when *content* has to be installed again."""
    digest = hashlib.sha256()
    beside = () if content == SSLYZE else (LOCKS / "speed.lock", ROOT / "pyproject.toml")
    for path in (LOCKS / f"{content}.lock", *beside):
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()} {home()}"


def home() -> str:
    """Python and folder: scripts and links in .venv name both, so it fits no other."""
    return f"{sys.version.split()[0]} {sys.base_prefix} {ROOT}"


def create_venv() -> None:
    """Create an empty .venv, unless the one that is there was made by this Python in this folder."""
    made = VENV / "made-for"
    if (VENV / "bin" / "python").exists() and made.is_file() and made.read_text(encoding="utf-8") == home():
        return
    if VENV.exists():
        print("Removing .venv: made by another Python, in another folder, or not finished …", flush=True)
        shutil.rmtree(VENV)
    print(f"Creating .venv with Python {sys.version.split()[0]} …", flush=True)
    make_venv(VENV)
    made.write_text(home(), encoding="utf-8")


def make_venv(folder: Path) -> None:
    """Create an empty environment in *folder*."""
    command = [sys.executable, "-I", "-m", "venv", "--clear", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        name, words = folder.relative_to(ROOT), (done.stdout + done.stderr).strip().replace(os.linesep, " ")
        msg = f"cannot create {name}: {words}"
        raise InstallFailed(msg)


def install_lock(lock: Path) -> None:
    """Install what *lock* pins; a package whose hash differs is refused by pip."""
    print(f"Installing about {count_pins(lock)} packages from {lock.relative_to(ROOT)} …", flush=True)
    pip("install", "--require-hashes", "--requirement", str(lock))


def install_speed() -> None:
    """Install the extra `speed` where there is a wheel of it: compiling takes minutes, and nothing depends on it."""
    try:
        pip("install", "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCKS / "speed.lock"))
    except InstallFailed:
        print(
            f"No uvloop (why: {LOG.relative_to(ROOT)}): the server runs on plain asyncio, a little slower", flush=True
        )


def count_pins(lock: Path) -> int:
    """How many packages *lock* pins, those of other systems included."""
    return sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())


def pip(*arguments: str, venv: Path | None = None) -> None:
    """Run pip in .venv, or *venv*: its words go to the log, a line of progress now and then to the person who waits."""
    command = [str((venv or VENV) / "bin" / "python"), "-I", "-m", "pip", *arguments]
    command += ["--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    environment = {**os.environ, "PIP_USER": "0"}  # a person's `user = true` contradicts a venv
    lines: list[str] = []
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            lines.append(line.rstrip())
            show_progress(line, seen=sum(one.startswith(GOT_HOLD) for one in lines))
    if process.returncode:
        words = "\n  ".join(lines[-LAST_LINES:])
        msg = f"pip could not install (all of it: {LOG.relative_to(ROOT)}):\n  {words}"
        raise InstallFailed(msg)


def show_progress(line: str, *, seen: int) -> None:
    """Print every tenth package that pip has got hold of, and when it begins to unpack."""
    if line.startswith(GOT_HOLD) and seen % STEP == 0:
        print(f"  {seen} …", flush=True)
    elif line.startswith("Installing collected packages:") and seen >= STEP:
        print("  unpacking …", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
