"""
`Hellos`: how do a maker's phones greet in TLS? Learned from phones that have proven themselves; memory of this process.

A program that spoofs a phone's User-Agent still offers its own ciphers and extensions. What is learned is bounded, and
says something only once several phones of the maker have been seen.
"""

from __future__ import annotations

_ENOUGH = 10  # different devices of a maker, before anything is said about a greeting that none of them has sent
_OFFERS = 64  # of one maker: firmwares times models that a fleet has; the first ones stay
_MAKERS = 256


class Hellos:
    """What is offered, by maker."""

    __slots__ = ("_devices", "_offers")

    def __init__(self) -> None:
        self._offers: dict[str, set[str]] = {}
        self._devices: dict[str, set[str]] = {}  # that were learned from, until they are enough

    def learn(self, maker: str, hello: str, device: str) -> None:
        """A *device* (its id) that has proven itself, and calls itself one of *maker*'s, has greeted so."""
        offers = self._offers.get(maker)
        if offers is None:
            if len(self._offers) >= _MAKERS:
                return
            offers = self._offers[maker] = set()
        if len(offers) < _OFFERS:
            offers.add(hello)
        devices = self._devices.setdefault(maker, set())
        if len(devices) < _ENOUGH:
            devices.add(device)

    def differs(self, maker: str, hello: str) -> bool:
        """Whether nobody of *maker* greets so. Fails open: where too little or too much is known, nobody differs."""
        offers = self._offers.get(maker, ())
        enough = len(self._devices.get(maker, ())) >= _ENOUGH
        return enough and len(offers) < _OFFERS and hello not in offers
