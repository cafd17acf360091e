"""
Can refusals be told apart by time? Samples of each kind, shuffled, over one connection, compared by rank.

Each request waits for a random moment first: answers leave on a grid of milliseconds, and requests that follow at once
would always meet it at the same place.

The test is Mann–Whitney's U, two-sided, each kind against the unknown MAC, with the p-values corrected for their number
(Holm). A small p-value means that somebody who asks often enough learns which MACs exist.
"""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Mapping
from random import Random

from scipy.stats import mannwhitneyu

SAMPLES = 2_000
SIGNIFICANT = 0.01
_PAUSE_S = 0.002


def measure(port: int, kinds: Mapping[str, list[str]], *, samples: int = SAMPLES) -> dict[str, list[float]]:
    """Seconds of *samples* refusals of each kind; *kinds* gives the paths, taken in turn."""
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    chance = Random(1)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(samples + 50):
            for kind, paths in chance.sample(sorted(kinds.items()), len(kinds)):
                time.sleep(chance.random() * _PAUSE_S)
                path = paths[number % len(paths)]
                request = f"GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: Yealink SIP-T54W 96.86.0.70\r\n\r\n".encode()
                started = time.perf_counter()
                connection.sendall(request)
                answer = connection.recv(4096)
                seconds = time.perf_counter() - started
                if not answer.startswith(b"HTTP/1.1 404 "):
                    raise RuntimeError(f"{kind} was answered {answer[:40]!r}")
                if number >= 50:  # the first ones warm caches
                    taken[kind].append(seconds)
    return taken


def compare(taken: Mapping[str, list[float]], *, reference: str) -> list[tuple[str, float, float]]:
    """(kind, difference of the medians in µs, corrected p-value) for each kind but *reference*."""
    rows = []
    for kind, values in taken.items():
        if kind != reference:
            p_value = float(mannwhitneyu(values, taken[reference], alternative="two-sided").pvalue)
            difference = statistics.median(values) - statistics.median(taken[reference])
            rows.append((kind, difference * 1e6, p_value))
    rows.sort(key=lambda row: row[2])
    corrected, highest = [], 0.0
    for position, (kind, difference, p_value) in enumerate(rows):
        highest = max(highest, min(1.0, p_value * (len(rows) - position)))
        corrected.append((kind, difference, highest))
    return corrected
