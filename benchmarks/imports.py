"""How long an import takes, as a reseller has it done: `seconds`, by the command, with all that it checks and seals."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from benchmarks import fleet

ROWS = 10_000
_COLUMNS = ("mac", "vendor", "model", "user_name", "password", "registrar", "display_name", "set:vlan_id")


def seconds(folder: Path, rows: int = ROWS) -> float:
    """Import *rows* devices, one line and one setting each, into an empty store in *folder*."""
    folder.mkdir()
    table = folder / "phones.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for position in range(rows):
            slug, mac = fleet.device(position)
            model = fleet.MAKERS[slug][1] or ""
            user, password = str(100_000 + position), f"Pw-{position:06d}-x7Kq"
            writer.writerow((mac, slug, model, user, password, "sip.example.net", f"User {position}", "20"))
    _provserver(folder, "init")
    _provserver(folder, "tenant", "add", "bench")
    began = perf_counter()
    _provserver(folder, "device", "import", str(table), "--tenant", "bench")
    return perf_counter() - began


def _provserver(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "PROVSERVER_DATA__DIRECTORY": str(folder / "data")}
    command = [sys.executable, "-m", "provserver", *arguments]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
