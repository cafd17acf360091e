"""
Grandstream's GDMS as what configures the phones: the whole file of a device is handed to it, and it hands it on.

Source: one client, which has tried it (M): ``device/config/xml`` takes a form with the MAC and the file, signed over
the form's fields and the MD5 of the file. The published list of calls has none that deletes a device, nor one that
takes a file back (M); one client guesses ``device/delete``, and says that it guesses (L): it is not used.
"""

from __future__ import annotations

from provserver.redirect.clients.grandstream_gdms import REFUSALS, GrandstreamGDMS
from provserver.redirect.protocol import Outcome, Result, Wish, refused, spoken


class GDMSHosting(GrandstreamGDMS):
    """Grandstream GDMS, with devices' configurations."""

    async def enter(self, wish: Wish) -> Result:
        """Add the device to the account's site, if it is not there, and hand over its configuration."""
        phone = wish.phone
        if phone is None:
            return Result(outcome=Outcome.NOT_HELD, said="not sent: there is nothing to configure it with")
        added = await super().enter(wish)
        if added.outcome not in (Outcome.REGISTERED, Outcome.ALREADY_OURS):
            return added
        answer = await self._uploaded("/oapi/v1.0.0/device/config/xml", wish.mac, phone.config)
        if answer.get("retCode") == 0:
            return Result(outcome=Outcome.REGISTERED, said=spoken(answer.get("msg") or ""))
        return refused(f"{answer.get('retCode')} {answer.get('msg')}", REFUSALS)
