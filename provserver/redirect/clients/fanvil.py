"""
Fanvil's FDPS: XML-RPC, a server of its own for each device.

Source: one client and its later correction of the order of calls (sheet fanvil 9, H for the methods, M for the texts).
FDPS refuses to delete a server while a device is still registered to it. Calls are not atomic: what broke off in the
middle is repaired by doing all of it again.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from provserver.redirect.channel import Channel
from provserver.redirect.protocol import Access, OneByOne, Outcome, Result, Stamp, Wish, refused, spoken
from provserver.redirect.xmlrpc import XMLRPC, md5_twice

_PROTOCOLS = {"ftp": "1", "tftp": "2", "http": "4", "https": "5"}
_NO_DEVICE = ("device_not_exist",)
_NO_SERVER = ("server_not_exist",)  # and server_not_existed
_REFUSALS = (
    ("url_format_error", Outcome.BAD_URL),
    ("mac_format_error", Outcome.BAD_MAC),
    ("device_had_existed", Outcome.OWNED_BY_ANOTHER),
)


class FanvilFDPS(OneByOne):
    """Fanvil FDPS."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        del stamp  # nothing is signed
        self._calls = XMLRPC(
            channel, access.endpoint, user=access.fields["user"], password=md5_twice(access.secrets["password"])
        )

    async def enter(self, wish: Wish) -> Result:
        """Take away what there is, make a server with the device's URL, and register the device there."""
        url = urlsplit(wish.url.reveal())
        protocol = _PROTOCOLS.get(url.scheme)
        if protocol is None or not url.netloc or url.query or "@" in url.netloc:
            return Result(outcome=Outcome.BAD_URL, said="FDPS has no place for such a URL")
        cleared = await self._clear(wish)
        if cleared is not None and cleared.outcome is not Outcome.ABSENT:
            return cleared
        name = wish.mac.upper
        server = [
            f"cfgName={name}",
            "cfgPfMode=1",  # apply after a restart
            "cfgDhcpOpt=false",
            "cfgPnpEnable=false",  # else some models (X3) stay with DHCP and PnP
            f"cfgPfSrv={url.netloc}",
            f"cfgPfName={url.path.removeprefix('/')}",
            f"cfgPfProt={protocol}",
        ]
        ok, text = await self._calls.pair("redirect.addMaterialServer", server)
        if not ok:
            return refused(text, _REFUSALS)
        ok, text = await self._calls.pair("redirect.registerDevice", name, name)
        return Result(outcome=Outcome.REGISTERED, said=spoken(text)) if ok else refused(text, _REFUSALS)

    async def remove(self, wish: Wish) -> Result:
        """Take the device away, then its server."""
        return await self._clear(wish) or Result(outcome=Outcome.WITHDRAWN)

    async def check_credentials(self) -> None:
        """List the servers."""
        await self._calls.pair("redirect.listServers")

    async def _clear(self, wish: Wish) -> Result | None:
        """Remove device and server. None: both were there; ABSENT: there was no device; else a refusal."""
        ok, text = await self._calls.pair("redirect.deRegisterDevice", wish.mac.upper)
        if not ok and not _holds(text, _NO_DEVICE):
            return refused(text, _REFUSALS)
        gone, said = await self._calls.pair("redirect.deleteServer", wish.mac.upper)
        if not gone and not _holds(said, _NO_SERVER):
            return refused(said, _REFUSALS)
        return None if ok else Result(outcome=Outcome.ABSENT, said=spoken(text))


def _holds(text: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in text.lower() for phrase in phrases)
