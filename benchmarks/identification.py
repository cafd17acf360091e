"""Does identifying a request cost more with every maker? All makers against one, in turn, in this process."""

from __future__ import annotations

import statistics
import time

from benchmarks.fleet import MAKERS, agent_of, device, file_of
from provserver.domain.request import ProvRequest
from provserver.identify import Catalogue
from provserver.vendors import load_vendors

_ROUNDS = 41
_REQUESTS = 400


def ratio() -> tuple[float, float]:
    """Cost with all makers over cost with one (median of pairs), and microseconds with all."""
    vendors = load_vendors()
    own = next(vendor for vendor in vendors if vendor.slug == "yealink")
    requests = []
    for position in range(0, _REQUESTS * len(MAKERS), len(MAKERS)):
        slug, mac = device(position)
        requests.append(ProvRequest(path=f"/{file_of(slug, mac)}", user_agent=agent_of(slug, mac)))
    ratios, costs = [], []
    for _ in range(_ROUNDS):
        one, every = _seconds(Catalogue([own]), requests), _seconds(Catalogue(vendors), requests)
        ratios.append(every / one)
        costs.append(every / len(requests) * 1e6)
    return statistics.median(ratios), statistics.median(costs)


def _seconds(catalogue: Catalogue, requests: list[ProvRequest]) -> float:
    started = time.perf_counter()
    for request in requests:
        catalogue.identify(request)
    return time.perf_counter() - started
