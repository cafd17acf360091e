"""
The server under measurement, a process of its own: `python -m benchmarks.server DIRECTORY` prints its two ports.

With a file behind, which holds a certificate and its key, it speaks TLS to phones and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.loops import new_loop
from provserver.app import serve
from provserver.settings import DataSettings, LogSettings, OpsSettings, PhoneSettings, Settings, TLSSettings


def main(directory: Path, *certificates: Path) -> None:
    """Serve *directory* on free ports until the process is ended; everything on, as in production."""
    settings = Settings(
        data=DataSettings(directory=directory),
        phone=PhoneSettings(port=0, plain=not certificates),
        tls=TLSSettings(port=0, certificates=certificates),
        ops=OpsSettings(port=0),
        log=LogSettings(format="json"),
    )

    def ready(phone: str, ops: str) -> None:
        print(phone.rpartition(":")[2], ops.rpartition(":")[2], file=sys.stderr, flush=True)

    loop = new_loop()
    loop.run_until_complete(serve(settings, ready=ready))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
