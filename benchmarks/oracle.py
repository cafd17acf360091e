"""
Can refusals be told apart by time? Samples of each kind, shuffled, over one connection, compared by rank.

Measured are each refusal, and one more that is asked for as soon as it has come: what the server does after an answer
is felt by the next request.

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
from dataclasses import dataclass
from random import Random

from scipy.stats import mannwhitneyu

SAMPLES = 2_000
SIGNIFICANT = 0.01
_PAUSE_S = 0.002
_WARMING = 50  # samples at first that warm caches
_PROBE = "/805ec0ffffff.cfg"  # a MAC that no device of the fleet has


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by kind: of refusals, and of a refusal that is always the same, asked for right after one of the kind."""

    refusals: Mapping[str, list[float]]
    next_ones: Mapping[str, list[float]]


def measure(port: int, kinds: Mapping[str, list[str]], *, samples: int = SAMPLES) -> Taken:
    """Take *samples* of each kind; *kinds* gives the paths, taken in turn."""
    taken = Taken({kind: [] for kind in kinds}, {kind: [] for kind in kinds})
    chance = Random(1)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(samples + _WARMING):
            for kind, paths in chance.sample(sorted(kinds.items()), len(kinds)):
                time.sleep(chance.random() * _PAUSE_S)
                seconds = _refused(connection, paths[number % len(paths)])
                after_s = _refused(connection, _PROBE)
                if number >= _WARMING:
                    taken.refusals[kind].append(seconds)
                    taken.next_ones[kind].append(after_s)
    return taken


def _refused(connection: socket.socket, path: str) -> float:
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: Yealink SIP-T54W 96.86.0.70\r\n\r\n".encode()
    started = time.perf_counter()
    connection.sendall(request)
    answer = connection.recv(4096)
    seconds = time.perf_counter() - started
    if not answer.startswith(b"HTTP/1.1 404 "):
        raise RuntimeError(f"{path} was answered {answer[:40]!r}")
    return seconds


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
