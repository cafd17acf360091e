"""Every code that Yealink's manual lists for YMCS (sheet yealink 9c, H) means something here."""

from __future__ import annotations

import orjson
import pytest

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, RedirectError, ServiceUnreachable
from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Outcome, Wish
from provserver.secret import Secret
from tests.clocks import FakeClock
from tests.redirect.loopback import answer, loopback
from tests.redirect.recordings import client

SLUG = "yealink_ymcs"
WISH = Wish(mac=MacAddress("805ec0aabbcc"), url=Secret("https://prov.example.net/t0ken/"), serial="SN1")
TOKEN = answer('{"access_token":"t0k","token_type":"bearer","expires_in":3600}')
NOT_DELETED = answer('{"failureCount":1,"errors":[{"field":"805ec0aabbcc","msg":"800004"}]}')
OF_DEVICES = {
    "800001": Outcome.BAD_MAC,
    "800002": Outcome.BAD_SERIAL,
    "800003": Outcome.OWNED_BY_ANOTHER,
    "800004": Outcome.OWNED_BY_ANOTHER,
    "800005": Outcome.BAD_MAC,
    "800006": Outcome.REFUSED,
    "800007": Outcome.REFUSED,
    "800008": Outcome.NOT_ALLOWED,
    "800130": Outcome.REFUSED,
    "800200": Outcome.BAD_MAC,
    "900400": Outcome.REFUSED,
    "900404": Outcome.REFUSED,
    "900409": Outcome.REFUSED,
    "900501": Outcome.NOT_ALLOWED,
}
OF_THE_ACCOUNT = ("900401", "900403", "900440")
OF_THE_SERVICE = ("900408", "900412", "900429", "900500", "900502", "900503", "900504", "900511", "900599")


def error(code: str) -> bytes:
    return answer(orjson.dumps({"code": code, "message": "in their words"}), status="400 Bad Request")


@pytest.mark.parametrize(("code", "outcome"), OF_DEVICES.items())
async def test_a_code_about_a_device(code: str, outcome: Outcome, channel: Channel, clock: FakeClock) -> None:
    async with loopback(TOKEN, error(code), NOT_DELETED, error(code)) as service:  # ours would be deleted
        (result,) = await client(SLUG, channel, service.url, clock).register([WISH])

    assert (result.outcome, result.said) == (outcome, f"{code} in their words")


@pytest.mark.parametrize(
    ("code", "raised"),
    [*((code, AccountRefused) for code in OF_THE_ACCOUNT), *((code, ServiceUnreachable) for code in OF_THE_SERVICE)],
)
async def test_a_code_about_the_account_or_the_service(
    code: str, raised: type[RedirectError], channel: Channel, clock: FakeClock
) -> None:
    async with loopback(TOKEN, error(code), TOKEN, error(code)) as service:
        with pytest.raises(raised, match=code):
            await client(SLUG, channel, service.url, clock).register([WISH])
