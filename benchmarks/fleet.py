"""A fleet to measure with: many devices of mixed makers, made through the services, and what their phones ask."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from provserver.app import Services, build, initialise
from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.secret import Secret
from provserver.services.fleet.devices import Wanted
from provserver.settings import DataSettings, Settings
from provserver.vault.tokens import TokenKey

MAKERS = {
    # slug: first MAC, model, file that carries the credentials, User-Agent
    "yealink": ("805ec0", "T54W", "{mac}.cfg", "Yealink SIP-T54W 96.86.0.70 {colons}"),
    "snom": ("000413", "D785", "snomD785-{MAC}.htm", "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 {MAC})"),
    "polycom": ("64167f", "VVX450", "{mac}-user.cfg", "FileTransport PolycomVVX-VVX_450-UA/6.4.0.1234 Type/A"),
    "linphone": ("0a0000", None, "{mac}.xml", "LinphoneAndroid/4.3.0 (Pixel) LinphoneSDK/4.4.0"),
}
_SHARED = {
    "timezone": "Europe/London",
    "ntp_server": "ntp.example.net",
    "language": "en",
    "tone_country": "gb",
    "codecs": "g722,pcma,pcmu",
    "dtmf": "rfc2833",
    "vlan_id": "20",
    "lldp": "on",
    **{f"key.{number}": f"blf {1000 + number} Colleague {number}" for number in range(2, 13)},
}
_CHUNK = 5_000
_REGISTRAR = Endpoint.parse("sip.example.net:5060")


def device(position: int) -> tuple[str, MacAddress]:
    """Maker and MAC of the device at *position*; makers take turns."""
    slug = tuple(MAKERS)[position % len(MAKERS)]
    return slug, MacAddress(f"{MAKERS[slug][0]}{position:06x}")


async def create(directory: Path, devices: int, *, settings: Settings | None = None) -> None:
    """Make a data directory with that many devices, one line and password each."""
    settings = settings or Settings(data=DataSettings(directory=directory))
    await initialise(settings)
    async with build(settings) as services:
        tenant = await services.tenants.add("bench", window_days=1)
        await services.tenants.set_shared(_SHARED, {"admin_password": Secret("admin-secret")}, tenant=tenant)
        for start in range(0, devices, _CHUNK):
            wanted = []
            for position in range(start, min(start + _CHUNK, devices)):
                slug, mac = device(position)
                line = Line(
                    number=1, user_name=str(100_000 + position), display_name=f"User {position}", registrar=_REGISTRAR
                )
                wanted.append(
                    Wanted(
                        tenant=tenant,
                        mac=mac,
                        vendor=slug,
                        model=MAKERS[slug][1],
                        lines=(line,),
                        passwords={1: Secret(f"pw-{position}-&<>")},
                    )
                )
            await services.devices.put(wanted, arm=False)


async def requests(services: Services, tokens: TokenKey, positions: Iterator[int]) -> list[str]:
    """``path<TAB>User-Agent`` of each device at *positions*, with its lasting token."""
    lines = []
    for position in positions:
        slug, mac = device(position)
        found = await services.devices.get(mac)
        token = tokens.lasting(found.id, found.tokens.generation)
        lines.append(f"/{token}/{file_of(slug, mac)}\t{agent_of(slug, mac)}")
    return lines


def strangers(count: int) -> list[str]:
    """Requests for MACs that do not exist, of the same makers."""
    lines = []
    for position in range(count):
        slug, mac = device(0x800000 + position)
        lines.append(f"/{file_of(slug, mac)}\t{agent_of(slug, mac)}")
    return lines


def file_of(slug: str, mac: MacAddress) -> str:
    """The file that carries the credentials of a device."""
    return MAKERS[slug][2].format(mac=mac.value, MAC=mac.upper)


def agent_of(slug: str, mac: MacAddress) -> str:
    """What a device says of itself."""
    return MAKERS[slug][3].format(mac=mac.value, MAC=mac.upper, colons=mac.colons)


if __name__ == "__main__":
    asyncio.run(create(Path(sys.argv[1]), int(sys.argv[2])))
