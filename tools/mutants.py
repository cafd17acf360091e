"""
Which mistakes would no test notice? Run mutmut, and write docs/mutants.md: ``python -m tools.mutants``.

What is changed, and which tests are run, stands in ``pyproject.toml``. A second run takes up where the first one ended;
after a change of code or tests only what it touches is tried again. ``--report`` only writes the page anew, ``--stale``
names the modules that have changed since the page was made.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "mutants.md"
MUTMUT = (sys.executable, "-m", "mutmut")
ASKED = 80  # per cent
NOTICED = frozenset({"killed", "timeout", "caught by type check"})  # an endless loop is noticed, too
_HEAD = """# Mistakes that tests would notice

Made by `make mutants` (mutmut, in the environment of `requirements/mutants.lock`). One small mistake at a time is
made in what counts, what decides and what releases: another comparison, number, operator or argument, a `None`, a
condition that always or never holds. Then the tests that reach the place are run. A mistake is noticed if one of them
fails. The last column is the hash of the module as it was then; `python -m tools.mutants --stale` names those that have
changed since.

"""
_SURVIVORS = """
## What nobody notices

Most of these change nothing that can be seen: a default that is never used, a bound that no value lies on, a branch
that only saves time. Each is shown as the line that was changed.
"""


def main(arguments: list[str]) -> int:
    """See the module's docstring; 1 if less was noticed than is asked for."""
    if "--stale" in arguments:
        print("\n".join(stale(PAGE.read_text(encoding="utf-8"))) or "none has changed")
        return 0
    if "--report" not in arguments:
        subprocess.run([*MUTMUT, "run", "--max-children", str(os.cpu_count() or 1)], cwd=ROOT, check=True)
    found = statuses(_said("results", "--all", "true"))
    survivors = {name: changed(_said("show", name)) for name, status in found.items() if status not in NOTICED}
    PAGE.write_text(page(found, survivors), encoding="utf-8")
    score = percent(found.values())
    print(f"{score:.1f} % of {len(found)} mistakes are noticed; {PAGE.relative_to(ROOT)} names the others")
    return int(score < ASKED)


def statuses(said: str) -> dict[str, str]:
    """What became of each mutant, from mutmut's own list; ValueError for one that was not tried."""
    found = dict(line.strip().rsplit(": ", 1) for line in said.splitlines() if "__mutmut_" in line)
    waiting = [name for name, status in found.items() if status == "not checked"]
    if waiting or not found:
        msg = f"{len(waiting)} of {len(found)} were not tried"
        raise ValueError(msg)
    return found


def changed(shown: str) -> list[str]:
    """The lines that differ, of a mutant as mutmut shows it."""
    return [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def stale(page: str) -> list[str]:
    """The modules of *page* that are not what they were when it was made."""
    told = re.findall(r"^\| `(provserver\.[\w.]+)` .* `([0-9a-f]+)` \|$", page, re.MULTILINE)
    return [module for module, made_of in told if made_of != fingerprint(module)]


def fingerprint(module: str) -> str:
    """A hash of the source of *module*."""
    source = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return blake2b(source.read_bytes(), digest_size=6).hexdigest()


def percent(results: Iterable[str]) -> float:
    """How many are noticed."""
    counted = Counter(result in NOTICED for result in results)
    return 100 * counted[True] / counted.total()


def page(found: Mapping[str, str], survivors: Mapping[str, list[str]]) -> str:
    """The whole page."""
    by_module: dict[str, list[str]] = defaultdict(list)
    for name, status in found.items():
        by_module[_module(name)].append(status)
    rows = [f"| `{module}` {_row(results)} `{fingerprint(module)}` |" for module, results in sorted(by_module.items())]
    head = ["| module | mistakes | noticed | | made of |", "|---|---|---|---|---|"]
    rows = [*head, *rows, f"| all {_row(found.values())} |", ""]
    parts = [_HEAD, "\n".join(rows), _SURVIVORS]
    for module in sorted({_module(name) for name in survivors}):
        lines = [line for name, lines in survivors.items() if _module(name) == module for line in lines]
        parts.append(f"\n### {module}\n```diff\n" + "\n".join(map(_short, lines)) + "\n```\n")
    return "".join(parts)


def _row(results: Iterable[str]) -> str:
    results = list(results)
    noticed = sum(result in NOTICED for result in results)
    return f"| {len(results)} | {noticed} | {percent(results):.1f} % |"


def _module(name: str) -> str:
    """``provserver.monitor.gcra.x_pour__mutmut_3`` → ``provserver.monitor.gcra``."""
    return name.rpartition(".")[0]


def _short(line: str) -> str:
    return line[0] + " " + line[1:].strip()


def _said(*arguments: str) -> str:
    return subprocess.run([*MUTMUT, *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
