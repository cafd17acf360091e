"""
A process of the program that is there at once: `python -m tests.system.entry` forks one for every line of its input.

Loading the program takes longer than everything a test does with it, and a test that kills it fifty times would do
little else. So this process loads it once and serves nothing itself. A line is a JSON object: ``environment`` for the
settings, ``output`` for the file its log goes to, and for work that is cut short instead of a server ``work`` and
``steps`` (see `cut`). It answers with the process id, and with how that ended.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import provserver.cli.init_serve  # noqa: F401 - loaded now, so that its children need not
from provserver.cli import main as main_command
from tests.system.cut import cut_short
from tests.system.works import WORKS


def main() -> None:
    """Fork, say whom, wait, say how it ended; until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(order)
        print(pid, flush=True)  # noqa: T201 - the answer
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


def _become(order: dict[str, Any]) -> NoReturn:
    """Be the server, and nothing else, to the end."""
    os.environ.update(order["environment"])
    output = os.open(Path(order["output"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, place)
    code = 2  # unless we hear otherwise
    try:
        code = _work(order)
    except BaseException:  # noqa: BLE001 - nothing of the process that we were forked from may run here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _work(order: dict[str, Any]) -> int:
    if "work" in order:
        cut_short(Path(order["directory"]), WORKS[order["work"]], steps=order["steps"])
        return 0
    try:
        main_command(["serve"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


if __name__ == "__main__":
    main()
