"""Which URL a phone is told that asks for one by multicast: `PnpUrls`. No store is asked, and no token is in it."""

from __future__ import annotations

from provserver.domain.bootstrap import URL_PLACE, Way
from provserver.domain.mac import MacAddress
from provserver.identify import Catalogue
from provserver.sip.pnp import Subscribe

MAC_PLACE = "{mac}"


class PnpUrls:
    """
    Gives out *url*, which ends in a slash or has ``{mac}`` in it.

    Behind a slash stands what the maker's phones want there; ``{mac}`` becomes the MAC of the phone that asks.
    """

    def __init__(self, catalogue: Catalogue, *, url: str) -> None:
        self._catalogue = catalogue
        self._url = url
        self._values = {
            slug: way.value
            for slug, vendor in catalogue.vendors.items()
            for way in vendor.bootstrap
            if way.way is Way.PNP
        }

    def url_for(self, asked: Subscribe) -> str | None:
        """The URL for the phone that *asked*; None when it needs a MAC that the phone has not said."""
        maker, mac = self.identify(asked)
        if MAC_PLACE in self._url:
            return self._url.replace(MAC_PLACE, mac.value) if mac else None
        return self._values.get(maker or "", URL_PLACE).replace(URL_PLACE, self._url)

    def identify(self, asked: Subscribe) -> tuple[str | None, MacAddress | None]:
        """
        Maker and MAC, as far as the phone says them.

        Most say both in the event and their address, some (Gigaset) only in the User-Agent; the rest is in the block.
        """
        agent = self._catalogue.read_agent(asked.user_agent)
        mac = asked.mac or (agent.mac if agent else None)
        said = asked.vendor.casefold()
        maker = next((slug for slug in self._catalogue.vendors if said.startswith(slug)), None)
        if maker is None and agent is not None:
            maker = agent.vendor
        if maker is None and mac is not None:
            owners = self._catalogue.makers_of(mac)
            maker = next(iter(owners)) if len(owners) == 1 else None
        return maker, mac
