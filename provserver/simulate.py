"""
Phones that do not exist, played against a running server: each asks what a real one asks, and reads what it gets.

A maker's boot script knows no network; this is its network. `PlayedPhone` keeps what the phone learnt; its repr, its
exchanges and its error hold neither password nor token.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import aiohttp
from yarl import URL

from provserver.domain.boot import Account, Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.mac import MacAddress
from provserver.domain.provisioning_url import host_of, is_on, resolve, shown
from provserver.domain.text import check_text
from provserver.domain.vendor import Vendor
from provserver.errors import InvalidValue, Refused

REPLY_LIMIT_BYTES = 4_194_304  # configurations stay below 1 MiB; firmware images, which do not, no boot script asks for
REQUEST_LIMIT = 100  # the longest boot known, Polycom's with all that a master file may name, has about 20
# One request: 5 s let a lost SYN be sent again after 1 and 3 s (RFC 6298); a server that needs 30 s is broken.
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)
MISSED = Reply(404)  # what a script hears when nobody was asked: a miss, which every phone bears
_UPLOADS = frozenset({"PUT", "POST"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. *file* is as the phone named it; of a whole URL the token is masked."""

    method: str
    file: str
    status: int
    size_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedPhone:
    """What a boot came to; *again* is the boot after it."""

    phone: SimulatedPhone
    exchanges: tuple[Exchange, ...] = ()
    accounts: tuple[Account, ...] = ()
    next_url: str | None = field(default=None, repr=False)  # holds the token
    not_asked: tuple[str, ...] = ()  # files on hosts that were not allowed
    error: str | None = None  # why it ended early
    again: PlayedPhone | None = None

    @property
    def provisioned(self) -> bool:
        """Whether it got an account, each time it booted."""
        return bool(self.accounts) and (self.again is None or self.again.provisioned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All phones together; of *accounts*, *passwords* came with one. *seconds*: ``p50``, ``p95``, ``p99``, ``max``."""

    phones: int
    provisioned: int
    accounts: int
    passwords: int
    statuses: Mapping[int, int]
    seconds: Mapping[str, float]


def phones(
    vendor: Vendor, *, first_mac: MacAddress, count: int = 1, model: str | None = None, firmware: str | None = None
) -> list[SimulatedPhone]:
    """Make *count* phones with consecutive addresses; InvalidValue when they leave the maker's block."""
    first = int(first_mac.value, 16)
    if (first + count - 1) >> 24 != first >> 24:
        raise InvalidValue("count", f"{count} addresses from {first_mac} on leave the block {first_mac.oui}")
    model = check_text("model", model or vendor.simulation.model)
    firmware = check_text("firmware", firmware or vendor.simulation.firmware)
    macs = map(MacAddress, (f"{number:012x}" for number in range(first, first + count)))
    return [SimulatedPhone(mac=mac, model=model, firmware=firmware) for mac in macs]


async def play(
    vendor: Vendor,
    *,
    base_url: str,
    phone: SimulatedPhone,
    session: aiohttp.ClientSession,
    upload: bool = True,
    hosts: frozenset[str] | None = None,
) -> PlayedPhone:
    """
    Boot *phone* once with the provisioning URL *base_url*; without *upload* it sends no files of its own.

    *hosts* are the only ones it asks, whatever its configuration says; None: the host of *base_url*.
    """
    network = _Network(
        session=session, base_url=base_url, hosts=hosts or frozenset({host_of(base_url)}), upload=upload,
        agent=vendor.simulation.user_agent(phone),
    )  # fmt: skip
    script = vendor.simulation.boot(phone)
    booted, error = Booted(), None
    try:
        fetch = next(script)
        while True:
            fetch = script.send(await network.ask(fetch))
    except StopIteration as done:
        booted = done.value
    except Refused as refusal:  # by the network
        error = str(refusal)
    except (SyntaxError, ValueError, LookupError) as fault:  # as parsers raise; the message may quote a password
        error = f"cannot read what it got: {type(fault).__name__}"
    finally:
        script.close()
    return PlayedPhone(
        phone=phone, exchanges=tuple(network.exchanges), accounts=booted.accounts, next_url=booted.next_url,
        not_asked=tuple(network.not_asked), error=error,
    )  # fmt: skip


async def play_many(
    vendor: Vendor,
    *,
    base_url: str,
    phones: Sequence[SimulatedPhone],
    concurrency: int = 8,  # an office's phones after a power cut, as a small machine can play them
    twice: bool = False,
    upload: bool = True,
    other_hosts: frozenset[str] = frozenset(),
    trust: ssl.SSLContext | None = None,
    progress: Callable[[PlayedPhone], None] | None = None,
) -> list[PlayedPhone]:
    """
    Boot all *phones*, *concurrency* at a time; results are in their order. *progress* is told of each that is done.

    With *twice*, each that got an account boots again, from the URL that its configuration gave it. *trust* None:
    the certificate authorities of this machine. Raises InvalidValue when *base_url* is no URL to provision from.
    """
    hosts = other_hosts | {host_of(base_url)}
    waiting = iter(enumerate(phones))  # shared by the workers: one loop, one thread
    played: dict[int, PlayedPhone] = {}

    async def boot(phone: SimulatedPhone, url: str) -> PlayedPhone:
        # A session a boot: phones share no connections, and a restart closes them.
        connector = aiohttp.TCPConnector(ssl=trust or True)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            return await play(vendor, base_url=url, phone=phone, session=session, upload=upload, hosts=hosts)

    async def work() -> None:
        for number, phone in waiting:
            result = await boot(phone, base_url)
            if twice and result.accounts:
                result = replace(result, again=await boot(phone, result.next_url or base_url))
            played[number] = result
            if progress:
                progress(result)

    async with asyncio.TaskGroup() as group:
        for worker in range(min(concurrency, len(phones))):
            group.create_task(work(), name=f"simulate-{worker}")
    return [played[number] for number in range(len(phones))]


def report(played: Sequence[PlayedPhone]) -> Report:
    """Add up *played*: the exchanges of all boots, the accounts of each phone's last one."""
    last = [result.again or result for result in played]
    again = [result.again for result in played if result.again]
    exchanges = [exchange for result in (*played, *again) for exchange in result.exchanges]
    seconds = sorted(exchange.seconds for exchange in exchanges)
    ranks = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return Report(
        phones=len(played),
        provisioned=sum(result.provisioned for result in played),
        accounts=sum(len(result.accounts) for result in last),
        passwords=sum(bool(account.password) for result in last for account in result.accounts),
        statuses=dict(sorted(Counter(exchange.status for exchange in exchanges).items())),
        seconds={name: seconds[math.ceil(rank * len(seconds)) - 1] for name, rank in ranks.items()} if seconds else {},
    )


@dataclass(slots=True, kw_only=True)
class _Network:
    """What one boot reaches, and what it has asked so far."""

    session: aiohttp.ClientSession
    base_url: str
    hosts: frozenset[str]
    upload: bool
    agent: str
    exchanges: list[Exchange] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)

    async def ask(self, fetch: Fetch) -> Reply:
        """Send one request; Refused when it has no whole answer."""
        if fetch.method in _UPLOADS and not fetch.form and not self.upload:
            return MISSED
        if len(self.exchanges) == REQUEST_LIMIT:
            raise Refused(f"still asks after {REQUEST_LIMIT} requests")
        address, file = resolve(self.base_url, fetch.file), shown(self.base_url, fetch.file)
        if not is_on(address, self.hosts):
            self.not_asked.append(file)
            return MISSED
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            reply = await self._send(fetch, address)
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise Refused(f"{fetch.method} {file}: {_what_failed(error)}") from error
        self.exchanges.append(
            Exchange(fetch.method, file, reply.status, size_bytes=len(reply.body), seconds=clock() - started)
        )
        return reply

    async def _send(self, fetch: Fetch, address: str) -> Reply:
        # Encoded here, because the URL type would tidy up what the phone wrote: %3A, dots, case.
        url = URL(quote(address, safe=string.punctuation), encoded=True)
        request = self.session.request(
            fetch.method, url, data=fetch.form or fetch.body, headers={"User-Agent": self.agent}, allow_redirects=False,
            skip_auto_headers=("Accept-Encoding",), timeout=TIMEOUT,  # no maker documents compressed configurations
        )  # fmt: skip
        async with request as answer:
            body = bytearray()
            async for part in answer.content.iter_any():
                body += part
                if len(body) > REPLY_LIMIT_BYTES:
                    raise aiohttp.ClientPayloadError(f"more than {REPLY_LIMIT_BYTES} bytes")
            return Reply(answer.status, bytes(body))


def _what_failed(error: Exception) -> str:
    """Say what went wrong without the URL, which may hold a token."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "no TLS connection: the certificate is not trusted, or there is no TLS"
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.strerror or error.os_error}"
        case aiohttp.ClientPayloadError():
            return f"the reply is cut short, or longer than {REPLY_LIMIT_BYTES} bytes"
        case _:
            return f"no answer: {type(error).__name__}"
