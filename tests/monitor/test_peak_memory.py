"""The figure of the monitor's memory is that of the program that is measured, whoever started it."""

from __future__ import annotations

import subprocess
import sys

_PARENT_MIB = 600
_ASKED = "from benchmarks.monitor import peak_mib; print(peak_mib())"


def test_the_memory_of_whoever_starts_it_does_not_count() -> None:
    large = b"x" * (_PARENT_MIB << 20)

    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=True)

    assert len(large) == _PARENT_MIB << 20
    assert 10 < float(said.stdout) < _PARENT_MIB / 2
