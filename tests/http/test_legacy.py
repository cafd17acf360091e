"""The listener for old TLS: off unless everything it needs has been said, and over on its day."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest

from provserver.app.listening import contexts_of
from provserver.errors import ConfigurationError
from provserver.settings import LegacySettings, PhoneSettings, Settings, TLSSettings
from tests.clocks import FakeClock
from tests.http.door import open_door, until
from tests.http.tls import NAME, Pair, make, only, settings_of
from tests.http.wire import request

MAKERS = ("snom", "yealink")
TODAY = dt.datetime.fromtimestamp(FakeClock().wall_ms() / 1000, dt.UTC).date()
DAY = dt.timedelta(days=1)


def settled(**legacy: object) -> LegacySettings:
    """Switched on, with all that it needs; *legacy* says otherwise."""
    return LegacySettings(**{"enabled": True, "port": 0, "makers": ("yealink",), "until": TODAY, **legacy})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The server's certificate."""
    return make(tmp_path_factory.mktemp("keys"), NAME, kind="rsa")


async def test_it_is_off_by_default(data: Path, pair: Pair) -> None:
    async with open_door(data, tls=settings_of(pair)) as door:
        assert set(door.addresses) == {"plain", "tls"}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2])
async def test_old_phones_are_heard_and_counted_apart(data: Path, pair: Pair, version: ssl.TLSVersion) -> None:
    async with open_door(data, tls=settings_of(pair), legacy=settled()) as door:
        async with door.connected("legacy", tls=only(version)) as wire:
            await wire.send(request("GET", "/nothing"))
            assert (await wire.reply()).status == 404
            (connection,) = door.listener.server.watched
            assert connection.legacy
            spoken = str(wire.agreed.version())

        assert door.count("tls_handshakes_total", listener="legacy", version=spoken) == 1
        assert door.count("tls_handshakes_total", listener="tls") == 0
        assert door.count("connections_total", listener="legacy", outcome="admitted") == 1


async def test_who_knows_only_the_newest_has_no_business_there(data: Path, pair: Pair) -> None:
    async with open_door(data, tls=settings_of(pair), legacy=settled()) as door:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await door.connected("legacy", tls=only(ssl.TLSVersion.TLSv1_3)).__aenter__()

        await until(lambda: door.count("handshake_failures_total", listener="legacy", reason="no_common_ground") == 1)


@pytest.mark.parametrize(
    ("legacy", "tls", "complaint"),
    [
        (settled(until=TODAY - DAY), True, "until is over since"),
        (settled(until=None), True, "until is not set"),
        (settled(makers=()), True, "makers is empty"),
        (settled(makers=("yealink", "siemens")), True, "no maker siemens"),
        (settled(), False, "needs tls.certificates"),
    ],
)
def test_it_does_not_start_without_all_it_needs(
    pair: Pair, legacy: LegacySettings, complaint: str, *, tls: bool
) -> None:
    """Fail closed: old TLS is served on purpose, for named makers, and for a while."""
    settings = Settings(tls=settings_of(pair) if tls else TLSSettings(), legacy=legacy)

    with pytest.raises(ConfigurationError, match=complaint):
        contexts_of(settings, makers=MAKERS, now_ms=FakeClock().wall_ms())


@pytest.mark.parametrize("until_day", [TODAY, TODAY + DAY])
def test_its_last_day_is_one_of_its_days(pair: Pair, until_day: dt.date) -> None:
    settings = Settings(tls=settings_of(pair), legacy=settled(until=until_day))

    assert contexts_of(settings, makers=MAKERS, now_ms=FakeClock().wall_ms()) is not None


def test_a_server_that_would_listen_nowhere_does_not_start() -> None:
    with pytest.raises(ConfigurationError, match="nothing would listen"):
        contexts_of(Settings(phone=PhoneSettings(plain=False)), makers=MAKERS, now_ms=0)
