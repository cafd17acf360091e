"""The server's own certificates: kept as they are on the disk, and their end is said in time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from provserver.app.certificates import Certificates
from provserver.clock import from_ms, iso, to_ms
from provserver.http.tls import Contexts
from provserver.metrics import Metrics
from tests.clocks import FakeClock
from tests.http.tls import NAME, make, settings_of

DAY_MS = 86_400_000
WARN_DAYS = 14


def kept(folder: Path, clock: FakeClock, *, days: float) -> tuple[Certificates, Metrics, dt.datetime]:
    """A certificate that ends in *days*, and another later."""
    ends = from_ms(clock.wall_ms() + int(days * DAY_MS)).replace(microsecond=0)
    settings = settings_of(make(folder, NAME, kind="ec", until=ends), make(folder, NAME, kind="rsa"))
    metrics = Metrics(registry=CollectorRegistry(), vendors=(), version="test")
    certificates = Certificates(
        Contexts(settings),
        clock=clock,
        metrics=metrics,
        log=structlog.get_logger(),
        warn_days=WARN_DAYS,
        legacy=False,
    )
    return certificates, metrics, ends


async def test_the_first_that_ends_is_the_one_that_counts(tmp_path: Path) -> None:
    _, metrics, ends = kept(tmp_path, FakeClock(), days=100)

    assert metrics.tls_expiry.of("tls")._value.get() == ends.timestamp()
    assert metrics.tls_expiry.of("legacy")._value.get() == 0, "there is no such listener"


async def test_the_operator_is_warned_before_and_told_after(tmp_path: Path) -> None:
    clock = FakeClock()
    certificates, _, ends = kept(tmp_path, clock, days=WARN_DAYS + 2)
    assert await certificates.warning() is None

    clock.advance_ms(3 * DAY_MS)
    assert await certificates.warning() == f"a certificate expires at {iso(to_ms(ends))}"

    clock.advance_ms(WARN_DAYS * DAY_MS)
    assert await certificates.warning() == f"a certificate has expired at {iso(to_ms(ends))}"


async def test_changed_files_are_followed_and_that_is_said_and_counted(tmp_path: Path) -> None:
    certificates, metrics, _ = kept(tmp_path, FakeClock(), days=1)
    later = FakeClock().wall_ms() + 1_000 * DAY_MS

    with capture_logs() as said:
        await certificates.follow()
        make(tmp_path, NAME, kind="ec", until=from_ms(later))
        await certificates.follow()
        await certificates.follow()

    assert [line["event"] for line in said] == ["certificate.loaded"]
    assert metrics.tls_reloads.of("succeeded")._value.get() == 1
    assert metrics.tls_expiry.of("tls")._value.get() == later // 1000
    assert await certificates.warning() is None


async def test_a_file_that_cannot_be_used_is_said_and_counted_once(tmp_path: Path) -> None:
    certificates, metrics, ends = kept(tmp_path, FakeClock(), days=1)
    (tmp_path / f"{NAME}-ec.pem").write_text("half of a fi")

    with capture_logs() as said:
        await certificates.follow()
        await certificates.follow()

    (line,) = said
    assert (line["event"], line["log_level"]) == ("certificate.unusable", "error")
    assert f"{NAME}-ec.pem" in line["problem"]
    assert metrics.tls_reloads.of("failed")._value.get() == 1
    assert metrics.tls_expiry.of("tls")._value.get() == ends.timestamp()


async def test_without_tls_there_is_nothing_to_say() -> None:
    metrics = Metrics(registry=CollectorRegistry(), vendors=(), version="test")
    certificates = Certificates(
        None, clock=FakeClock(), metrics=metrics, log=structlog.get_logger(), warn_days=WARN_DAYS, legacy=False
    )

    with capture_logs() as said:
        await certificates.follow()
        await certificates.renew()

    assert said == []
    assert await certificates.warning() is None
