"""A model that takes no SIP configuration gets no file of its maker's other models, whatever it proves."""

from __future__ import annotations

from pathlib import Path

from provserver.domain.mac import MacAddress
from provserver.services.fleet.devices import Wanted
from tests.http.door import open_door

PHONE, ANDROID = MacAddress("00907aaabb01"), MacAddress("00907aaabb02")


async def test_a_model_that_refuses_gets_the_one_refusal(data: Path) -> None:
    async with open_door(data) as door:
        tenant = await door.tenant("acme")
        phone = await door.phone(tenant, mac=PHONE, vendor="spectralink", model="8440")
        wanted = Wanted(tenant=tenant, mac=ANDROID, vendor="spectralink", model="PIVOT 8744")
        (android,) = await door.services.devices.put([wanted])

        served = await door.ask(f"/{door.lasting(phone)}/{PHONE}-user.cfg")
        refused = await door.ask(f"/{door.lasting(android)}/{ANDROID}-user.cfg")
        without = await door.ask(f"/{ANDROID}-user.cfg")

        assert served.status == 200
        assert refused.undated == without.undated == b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        assert android.armed_until is None
