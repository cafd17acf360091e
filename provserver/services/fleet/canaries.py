"""
`Canaries`: devices that no phone is, with SIP accounts that nobody has, to be found by whoever tries MACs.

A canary is entered, rendered and released as every other device: nothing in what it gives out tells it apart. Its names
and passwords have the form of a real device's beside it. Its MAC is told to no redirection service: should it be some
stranger's phone after all, that phone must not be sent here.
"""

from __future__ import annotations

import secrets as random_source
import string
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace

from provserver.domain.device import Device
from provserver.domain.line import Line
from provserver.domain.mac import MacAddress
from provserver.errors import NotFound, Refused, SecretGone
from provserver.monitor.sip_logs import Attempt
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.fleet.devices import Devices, Wanted
from provserver.services.layers import Places
from provserver.services.monitoring.reports import Reports
from provserver.services.records import Whole, load_whole
from provserver.services.secrets import Secrets
from provserver.storage import canaries
from provserver.storage.changes import DECISIONS
from provserver.storage.database import Transaction
from provserver.storage.records import RecordReader
from provserver.storage.reports import Report

_OPEN_MS = 3_650 * 86_400_000  # its window: whoever finds it within ten years is to be given something
_TRIES = 200  # at names that nobody has
_NEW_MS = 10_000  # canaries are added while logs are read: so soon their accounts are watched
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_USUAL = Secret("aA0aA0aA0aA0aA0a")  # the form of a password where the real one's has been deleted


class Canaries:
    """
    Keeps canaries. *know* is told of their MACs, in the process that looks at requests.

    *accounts* are SIP user names of no canary that nobody has either.
    """

    def __init__(
        self,
        *,
        context: Context,
        devices: Devices,
        secrets: Secrets,
        places: Places,
        reports: Reports,
        know: Callable[[Collection[str]], None],
        accounts: Collection[str] = (),
    ) -> None:
        self._context = context
        self._devices = devices
        self._secrets = secrets
        self._places = places
        self._reports = reports
        self._know = know
        self._accounts = frozenset(accounts)
        self.known: frozenset[str] = frozenset()  # what the monitor looks out for

    async def load(self) -> None:
        """Have the monitor look out for them. Raises StorageError."""
        self.known = frozenset(await self.macs())
        self._know(self.known)

    async def macs(self) -> list[str]:
        """Their MACs."""
        async with self._context.storage.read() as tx:
            return await canaries.macs(tx)

    async def add(self, mac: MacAddress, *, like: MacAddress, name: str | None = None) -> Device:
        """
        Enter *mac* as a canary of the tenant, maker and model of *like*, with settings and names of the same form.

        *name* is shown on its lines in place of a person's. Raises NotFound for *like*, Conflict for a MAC that is
        entered, InvalidValue for one of another maker.
        """
        access = await RecordReader(self._context.storage).access_by_mac(like.value)
        if access is None:
            raise NotFound("device", like.colons)
        whole = await load_whole(self._context.storage, access, self._places)
        if not whole.details.lines:
            raise Refused(f"device {like.colons} has no line whose form could be taken")
        lines = [await self._line(line, name) for line in whole.details.lines]
        passwords = {line.number: self._alike(whole, line.password_field) for line in whole.details.lines}
        wanted = Wanted(
            tenant=access.tenant,
            mac=mac,
            vendor=access.device.vendor,
            model=access.device.model,
            description="canary",  # for people; no file has it
            lines=tuple(lines),
            passwords=passwords,
            settings=dict(whole.details.settings),
        )
        (device,) = await self._devices.put([wanted], only_new=True, canary=True)

        async def open_window(_tx: Transaction, device: Device) -> Device:
            return replace(device, armed_until=self._context.clock.now_ms() + _OPEN_MS)

        return await self._devices.change(
            device.mac, None, "canary.added", open_window, changed=(DECISIONS,), like=like.value
        )

    async def remove(self, mac: MacAddress) -> None:
        """Remove a canary. Raises NotFound for what is none."""
        if mac.value not in await self.macs():
            raise NotFound("canary", mac.colons)
        await self._devices.delete(mac)
        await self.load()

    async def watch(self, attempts: AsyncIterator[Attempt]) -> AsyncIterator[Attempt]:
        """Those of *attempts* that are at a canary's account; each is told to the monitor before it is given."""
        accounts: frozenset[str] = frozenset()
        looked_at: int | None = None
        async for attempt in attempts:
            now_ms = self._context.clock.now_ms()
            if looked_at is None or now_ms - looked_at >= _NEW_MS:
                async with self._context.storage.read() as tx:
                    accounts, looked_at = self._accounts | await canaries.accounts(tx), now_ms
            if attempt.account in accounts:
                report = Report(at=now_ms, word="canary_account", address=attempt.address, account=attempt.account)
                await self._reports.write([report])
                yield attempt

    async def _line(self, line: Line, name: str | None) -> Line:
        user_name = await self._unused(line.user_name)

        def renamed(text: str | None) -> str | None:
            """The text with the new account in place of the old one; else a name in place of a person's."""
            if not text:
                return text
            return text.replace(line.user_name, user_name) if line.user_name in text else name or alike(text)

        auth_name = None
        if line.auth_name:
            auth_name = user_name if line.auth_name == line.user_name else await self._unused(line.auth_name)
        return replace(
            line,
            user_name=user_name,
            auth_name=auth_name,
            label=renamed(line.label),
            display_name=renamed(line.display_name),
            password=None,
        )

    async def _unused(self, name: str) -> str:
        async with self._context.storage.read() as tx:
            for _ in range(_TRIES):
                other = alike(name)
                if other != name and not await canaries.is_account(tx, other):
                    return other
        raise Refused(f"no name in the form of {name!r} is free")

    def _alike(self, whole: Whole, field: str) -> Secret:
        prepared = whole.envelopes.get(field)
        try:
            real = self._secrets.open(prepared) if prepared is not None else _USUAL
        except SecretGone:
            real = _USUAL
        return Secret(alike(real.reveal()))


def alike(text: str) -> str:
    """Other characters of the same kinds; the first digit stays, so that an extension stays among extensions."""
    kept = next((position for position, character in enumerate(text) if character in string.digits), None)
    return "".join(character if position == kept else _another(character) for position, character in enumerate(text))


def _another(character: str) -> str:
    kind = next((kind for kind in _CLASSES if character in kind), None)
    return character if kind is None else random_source.choice(kind)
