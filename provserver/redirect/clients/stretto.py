"""
CounterPath's Stretto as what configures Bria: a user of a group, with a profile, and the credentials of its accounts.

Source: one public client (M): paths, parameters in the query of the URL, HTTP Digest, XML whose root has a text when
something went wrong and none when it did not. What those texts say is not known; a word in them decides (L). Passwords
stand in URLs, which servers write into their logs: it is how the service takes them. Where lines register is part of
the profile, and is not told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provserver.domain.mac import MacAddress
from provserver.errors import AccountRefused, ServiceUnreachable
from provserver.outbound.http import Request
from provserver.redirect.channel import Channel, Reply
from provserver.redirect.protocol import (
    Access,
    Entry,
    OneByOne,
    Outcome,
    Phone,
    Result,
    Stamp,
    Standing,
    Wish,
    mac_of,
    refused,
    spoken,
)
from provserver.redirect.signatures.digest import Digest

_UNAUTHORIZED, _NOT_FOUND = 401, 404
_CNONCE_BYTES = 16
_LEFT_ALONE = "!$'()*,?/:@"  # what need not be written with a percent sign in a query (RFC 3986 3.4), + & = ; apart
_REFUSALS = (
    ("exist", Outcome.OWNED_BY_ANOTHER),  # it is in no group of ours, that was looked up before
    ("license", Outcome.NOT_ALLOWED),
    ("servicelevel", Outcome.NOT_ALLOWED),
    ("username", Outcome.BAD_MAC),  # which is made of the MAC
)


class Stretto(OneByOne):
    """CounterPath Stretto. A user is called by the MAC of its device, so that it can be taken out when that is gone."""

    def __init__(self, channel: Channel, access: Access, stamp: Stamp) -> None:
        self._channel = channel
        self._base = access.endpoint.rstrip("/")
        self._group, self._profile = access.fields["group"], access.fields["profile"]
        self._digest = Digest(access.fields["user"], access.secrets["password"])
        self._stamp = stamp
        self._asking = (
            asyncio.Lock()
        )  # one gets the challenge, the others wait for it, no longer than one call may take

    async def enter(self, wish: Wish) -> Result:
        """Make the user, or give the one that is there another password, and tell its accounts' credentials."""
        phone = wish.phone
        if phone is None or not phone.login:
            return Result(outcome=Outcome.NOT_HELD, said="not sent: there is no login password for it")
        if any(line.auth_user != line.user_name for line in phone.lines):
            return Result(outcome=Outcome.REFUSED, said="not sent: a line has an auth name, and Stretto takes none")
        is_there = (await self.look_up(wish)).standing is Standing.OURS
        user = {**self._named(wish.mac), "password": phone.login.reveal(), "profileName": self._profile}
        said = await self._done("PUT", "user", user) if is_there else await self._done("POST", "user", user)
        if said is not None:
            return refused(said, _REFUSALS)
        for attribute in _attributes(phone):
            said = await self._done("POST", "user/attribute", {**self._named(wish.mac), **attribute})
            if said is not None:
                kept = await self._done("DELETE", "user", self._named(wish.mac)) is not None
                return Result(outcome=refused(said, _REFUSALS).outcome, said=spoken(said), has_kept=kept)
        return Result(outcome=Outcome.REGISTERED)

    async def remove(self, wish: Wish) -> Result:
        """Delete the user, with what it was given."""
        if (await self.look_up(wish)).standing is Standing.ABSENT:
            return Result(outcome=Outcome.ABSENT)
        said = await self._done("DELETE", "user", self._named(wish.mac))
        return Result(outcome=Outcome.WITHDRAWN) if said is None else refused(said, _REFUSALS)

    async def look_up(self, wish: Wish) -> Entry:
        """Whether the user is in the account's group."""
        macs = [mac async for mac in self._users(self._named(wish.mac))]
        return Entry(mac=wish.mac, standing=Standing.OURS if wish.mac in macs else Standing.ABSENT)

    async def entries(self) -> AsyncIterator[Entry]:
        """Every user of the group that is called by a MAC."""
        async for mac in self._users({"groupName": self._group}):
            yield Entry(mac=mac, standing=Standing.OURS)

    async def check_credentials(self) -> None:
        """Ask for the group."""
        await self._call("GET", "usergroup", {"groupName": self._group})

    def _named(self, mac: MacAddress) -> dict[str, str]:
        return {"userName": f"{mac.value}@{self._group}", "groupName": self._group}

    async def _users(self, wanted: Mapping[str, str]) -> AsyncIterator[MacAddress]:
        reply = await self._call("GET", "user", wanted)
        if reply.status == _NOT_FOUND:
            return
        reply.demand_ok()
        for user in _root(reply).iter("CcsUser"):
            mac = mac_of(user.get("userName", "").partition("@")[0])
            if mac is not None:
                yield mac

    async def _done(self, method: str, what: str, values: Mapping[str, str]) -> str | None:
        """Have something done; gives what was said if it is not."""
        query = {"method": method, **values} if method == "POST" else values
        reply = await self._call(method, what, query)
        reply.demand_ok()
        return (_root(reply).text or "").strip() or None

    async def _call(self, method: str, what: str, query: Mapping[str, str]) -> Reply:
        """
        Call, and log in as it is asked for.

        The challenge is got by a call that holds nothing, so that no password goes out to be refused.
        """
        async with self._asking:
            if not self._digest.is_challenged:
                group = _query({"groupName": self._group})
                challenged = await self._channel.send(lambda: self._request("GET", f"usergroup?{group}"))
                if challenged.status == _UNAUTHORIZED:
                    self._digest.learn(challenged.headers.get("www-authenticate", ""))
        target = f"{what}?{_query(query)}"
        reply = await self._channel.send(lambda: self._request(method, target))
        if reply.status == _UNAUTHORIZED:  # the challenge has ended before its time
            self._digest.learn(reply.headers.get("www-authenticate", ""))
            reply = await self._channel.send(lambda: self._request(method, target))
        if reply.status == _UNAUTHORIZED:
            raise AccountRefused("it does not take the login")
        return reply

    def _request(self, method: str, target: str) -> Request:
        url = f"{self._base}/stretto/prov/{target}"
        headers = {}
        if self._digest.is_challenged:
            path = "/" + url.split("/", 3)[3]
            cnonce = self._stamp.random(_CNONCE_BYTES).hex()
            headers["Authorization"] = self._digest.header(method, path, cnonce=cnonce)
        return Request(method=method, url=url, headers=headers)


def _query(values: Mapping[str, str]) -> str:
    """A query that stays as it is on its way out: what is signed has to be what is sent, to the letter."""
    return urlencode(values, safe=_LEFT_ALONE, quote_via=quote)


def _attributes(phone: Phone) -> list[dict[str, str]]:
    """The credentials of each line, in their words."""
    found = []
    for line in phone.lines:
        values = {"username": line.user_name, "password": phone.passwords[line.number].reveal()}
        for name, value in values.items():
            attribute = f"account{line.number}.credentials.{name}"
            found.append({"attributeName": attribute, "attributeValue": value})
    return found


def _root(reply: Reply) -> Element:
    """The root of a reply. Fail closed: a document type or an entity ends the reading."""
    try:
        root: Element = fromstring(reply.body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ServiceUnreachable(f"its answer is no XML ({type(error).__name__})") from None
    return root
