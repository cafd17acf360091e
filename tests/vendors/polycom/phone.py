"""How a phone of this maker reads its files: attributes of any element, by a real XML parser; the clock it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from defusedxml.ElementTree import fromstring

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.view import DeviceView
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors.polycom import VENDOR

URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
MAC = "0004f2aabbcc"
_RENDERER = Renderer()
_REGISTRAR = Endpoint(host="pbx.example.com")


def line(number: int = 1, /, **fields: Any) -> Line:  # noqa: ANN401 - fields of Line
    """Line *number* with what it needs, and *fields*."""
    needed: dict[str, Any] = {"number": number, "user_name": f"100{number}", "registrar": _REGISTRAR}
    return Line(**(needed | fields))


def view_of(
    settings: Mapping[str, str] | None = None,
    *lines: Line,
    held: Iterable[str] = (),
    model: str | None = "VVX 411",
    mac: str = MAC,
) -> DeviceView:
    """A phone with *lines* (one, if none is given), as if *settings* had been entered."""
    return build_view(mac=MacAddress(mac), model=model, lines=lines or (line(),), settings=settings or {}, held=held)


class HeldSecrets(dict[str, Secret]):
    """Secrets by field; one that a test does not care about is its field's name."""

    def __missing__(self, field: str) -> Secret:
        return Secret(URL if field == PROVISIONING_URL else f"secret of {field}")


def write(view: DeviceView, name: str, secrets: Mapping[str, str] | None = None) -> bytes:
    """The file of the rule *name*."""
    held = HeldSecrets({field: Secret(value) for field, value in (secrets or {}).items()})
    return fill(_RENDERER.render(VENDOR, VENDOR.file(name), view), held)


def read(body: bytes) -> dict[str, str]:
    """All parameters of a file. An attribute that stands twice is no XML, and raises."""
    found: dict[str, str] = {}
    for element in fromstring(body).iter():
        assert not found.keys() & element.attrib.keys()
        assert not (element.text or "").strip()
        found.update(element.attrib)
    return found


def config(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """All parameters of both configuration files; none may stand in both."""
    user, site = (read(write(view, name, secrets)) for name in ("user", "site"))
    assert not user.keys() & site.keys()
    return user | site


class Clock:
    """The clock of a phone that was told the parameters *told*."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = {name.removeprefix("tcpIpApp.sntp."): value for name, value in told.items()}
        self._standard = timedelta(seconds=int(self._told["gmtOffset"]))

    def offset(self, moment: datetime) -> timedelta:
        """Local time minus UTC at the aware *moment*."""
        if self._told["daylightSavings.enable"] == "0":
            return self._standard
        standard = (moment.astimezone(UTC) + self._standard).replace(tzinfo=None)
        start = self._change("start", standard.year)
        stop = self._change("stop", standard.year) - timedelta(hours=1)  # told on the clock of summer
        is_summer = start <= standard < stop if start < stop else not stop <= standard < start
        return self._standard + timedelta(hours=is_summer)

    def _change(self, edge: str, year: int) -> datetime:
        """First such weekday on or after the date, or the last one of the month (guides, daylightSavings)."""
        told = {name.rpartition(f".{edge}.")[2]: value for name, value in self._told.items() if f".{edge}." in name}
        month, weekday = int(told["month"]), int(told["dayOfWeek"])
        if told["dayOfWeek.lastInMonth"] == "1":
            following = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001 - wall time has no zone
            day = following - timedelta(days=7)
        else:
            day = datetime(year, month, int(told["date"]))  # noqa: DTZ001 - wall time has no zone
        ahead = (weekday - 1 - day.isoweekday()) % 7  # told 1 is Sunday
        return day + timedelta(days=ahead, hours=int(told["time"]))
