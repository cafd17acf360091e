"""How phones of this maker read their files: elements of a profile, elements by their path, lines of name and value."""

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
from provserver.vendors.cisco import VENDOR
from provserver.vendors.cisco.boot import read_cnf

URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
MAC = "00562b043615"
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
    model: str | None = "8841",
    mac: str = MAC,
) -> DeviceView:
    """A phone with *lines* (one, if none is given), as if *settings* had been entered."""
    return build_view(mac=MacAddress(mac), model=model, lines=lines or (line(),), settings=settings or {}, held=held)


class HeldSecrets(dict[str, Secret]):
    """Secrets by field; one that a test does not care about is its field's name."""

    def __missing__(self, field: str) -> Secret:
        return Secret(URL if field == PROVISIONING_URL else f"secret of {field}")


def write(view: DeviceView, name: str, secrets: Mapping[str, str] | None = None) -> bytes:
    """The file of the rule *name*, as it is before any encryption."""
    held = HeldSecrets({field: Secret(value) for field, value in (secrets or {}).items()})
    return fill(_RENDERER.render(VENDOR, VENDOR.file(name), view), held)


def profile(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """All elements of the flat profile by name, those of the router's part by path; none may stand twice."""
    return by_path(write(view, "profile", secrets))


def device(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """All leaves of SEP<MAC>.cnf.xml by their path."""
    return by_path(write(view, "enterprise", secrets))


def by_path(body: bytes) -> dict[str, str]:
    """Leaves by their path below the root; ``line#3`` is the element with that number in its attributes."""
    assert b"/>" not in body
    found: dict[str, str] = {}

    def walk(element: Any, path: str) -> None:  # noqa: ANN401 - an element of either parser
        for child in element:
            number = next(iter(child.attrib.values()), "")
            assert set(child.attrib.values()) <= {number}
            name = f"{path}{child.tag}{'#' if number else ''}{number}"
            if len(child):
                walk(child, f"{name}/")
            else:
                assert name not in found, name
                found[name] = child.text or ""

    walk(fromstring(body), "")
    return found


def cnf(view: DeviceView, secrets: Mapping[str, str] | None = None) -> dict[str, str]:
    """All lines of SIP<MAC>.cnf; none may stand twice."""
    body = write(view, "cnf", secrets)
    found = read_cnf(body)
    assert len(found) == len(body.decode().strip().split("\n"))
    return found


class Clock:
    """The clock of a phone that was told *told* (SPA and MPP guides, "Daylight Saving Time Rule")."""

    def __init__(self, told: Mapping[str, str]) -> None:
        hours, _, minutes = (told["Time_Zone"].removeprefix("GMT") or "+00:00").partition(":")
        span = timedelta(hours=abs(int(hours)), minutes=int(minutes))
        self._standard = -span if hours.startswith("-") else span
        self._rule = None
        if told["Daylight_Saving_Time_Enable"] == "Yes":
            self._rule = dict(part.split("=") for part in told["Daylight_Saving_Time_Rule"].split(";"))

    def offset(self, moment: datetime) -> timedelta:
        """Local time minus UTC at the aware *moment*."""
        if self._rule is None:
            return self._standard
        save = _span(self._rule["save"])
        standard = (moment.astimezone(UTC) + self._standard).replace(tzinfo=None)
        start, end = _change(self._rule["start"], standard.year), _change(self._rule["end"], standard.year) - save
        is_summer = start <= standard < end if start < end else not end <= standard < start
        return self._standard + save if is_summer else self._standard


def _change(notation: str, year: int) -> datetime:
    """Walk day by day to the weekday on or after the day; from the end of the month backwards if it is negative."""
    month, day, weekday, time = notation.split("/")
    step = timedelta(days=1 if int(day) > 0 else -1)
    if int(day) > 0:
        found = datetime(year, int(month), int(day))  # noqa: DTZ001 - wall time has no zone
    else:
        found = datetime(year + int(month) // 12, int(month) % 12 + 1, 1) + timedelta(days=int(day))  # noqa: DTZ001
    while found.isoweekday() != int(weekday):
        found += step
    return found + _span(time)


def _span(clock: str) -> timedelta:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
