"""
Do something to a key ring and be killed before the n-th touch of a file, for each n until it gets through.

    python -m tests.vault.killed DIRECTORY (add|destroy)

Leaves ``DIRECTORY/<n>`` as the n-th death left it, each begun as a ring of generations 1 and 2 whose files are copied
to ``DIRECTORY/<n>.before``; prints how many there are, the last one being the undisturbed run.
"""

import os
import shutil
import sys
from itertools import count
from pathlib import Path

from provserver.vault.keyring import KeyRing

_TOUCHES = frozenset({"open", "os.chmod", "os.link", "os.remove", "os.rename"})


def main(directory: Path, action: str) -> None:
    """Run *action* to every death there is."""
    for step in count(1):
        case = directory / str(step)
        ring = KeyRing.create(case)
        ring.add_generation()
        shutil.copytree(case, f"{case}.before")
        child = os.fork()
        if child == 0:
            _die_before(step, within=case)
            ring.destroy(1) if action == "destroy" else ring.add_generation()
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            sys.stdout.write(f"{step}\n")
            return


def _die_before(step: int, *, within: Path) -> None:
    touches = count(1)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in _TOUCHES and str(arguments[0]).startswith(str(within)) and next(touches) == step:
            os._exit(9)  # as SIGKILL would: nothing is cleaned up

    sys.addaudithook(watch)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
