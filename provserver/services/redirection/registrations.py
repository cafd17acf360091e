"""
What should stand at makers' redirection services, and what does: `Registrations`.

Wishes are written in the transaction of what causes them: a device that is added, armed or removed. Sending them is the
registrar's work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from provserver.domain.device import Device
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount, Registration, RegistrationState, RegistrationWish
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.protocol import Ability, Wish
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.redirection.redirect_accounts import Accounts
from provserver.storage import canaries, redirect_accounts, registrations
from provserver.storage.database import Transaction
from provserver.storage.tables import new_id
from provserver.vault.tokens import TokenKey


class Registrations:
    """Keeps wishes. *base_url* is how phones reach us, where an account does not say otherwise."""

    def __init__(self, *, context: Context, tokens: TokenKey, base_url: str) -> None:
        self._context = context
        self._tokens = tokens
        self._base_url = base_url

    async def accounts(self, tx: Transaction) -> Accounts:
        """All accounts there are."""
        return Accounts(tuple(await redirect_accounts.all_accounts(tx)))

    def base_url_of(self, account: RedirectAccount) -> str:
        """How the devices of *account* reach us."""
        return account.base_url or self._base_url

    async def want(
        self, tx: Transaction, devices: Sequence[Device], *, again: bool = False, renewed: Collection[str] = ()
    ) -> int:
        """
        Wish that *devices* are listed where their makers' phones ask, with the URLs they have now.

        What is so already, and what somebody has taken out by hand, is left alone, unless *again*. An entry with
        another account is to go. *renewed* are the ids of those whose lines were entered: who configures them himself
        has to have the new ones. Canaries are told to nobody. Returns how many wishes are new.
        """
        accounts = await self.accounts(tx)
        if not accounts.all:
            return 0
        traps = await canaries.ids(tx)
        devices = [device for device in devices if device.id not in traps]
        known = await registrations.of_macs(tx, [device.mac.value for device in devices])
        new: list[Registration] = []
        for device in devices:
            account = accounts.for_device(device.tenant_id, device.vendor)
            there = {one.account_id: one for one in known.get(device.mac.value, ())}
            if account is not None:
                wish = self._wish(device, account)
                old = there.pop(account.id, None)
                stale = device.id in renewed and SERVICES[account.service].hosts
                is_so = old is not None and _says_the_same(old, wish) and not stale
                if again or old is None or not (is_so or _is_kept_out(old, wish)):
                    new.append(wish)
            new += self._to_go(there.values())
        await registrations.put(tx, new)
        return len(new)

    async def withdraw(
        self, tx: Transaction, macs: Sequence[MacAddress], *, tenant_id: str | None = None, by_hand: bool = False
    ) -> int:
        """
        Wish that *macs* are listed nowhere any more; with *tenant_id*, only what is that tenant's.

        *by_hand*: they are not entered again by themselves. Returns how many wishes are new.
        """
        known = await registrations.of_macs(tx, [mac.value for mac in macs])
        found = [one for several in known.values() for one in several if tenant_id in (None, one.tenant_id)]
        new = self._to_go(found, wish=RegistrationWish.KEPT_OUT if by_hand else RegistrationWish.GONE)
        await registrations.put(tx, new)
        return len(new)

    async def put_again(self, tx: Transaction, gone: Sequence[Registration]) -> None:
        """Wish once more that registrations that were withdrawn are gone."""
        for wish in RegistrationWish:
            await registrations.put(tx, self._to_go([one for one in gone if one.wish is wish], wish=wish, again=True))

    def sendable(self, registration: Registration, account: RedirectAccount) -> Wish:
        """A registration as its service is told of it: MAC, URL, serial, and nothing else of the device."""
        service = SERVICES[account.service]
        base = registration.base_url
        if service.can(Ability.OWN_URL):
            base = f"{base}/{self._tokens.bootstrap(registration.device_id, registration.generation)}"
        return Wish(mac=registration.mac, url=Secret(f"{base}/{service.suffix}"), serial=registration.serial)

    def _wish(self, device: Device, account: RedirectAccount) -> Registration:
        now_ms = self._context.clock.now_ms()
        return Registration(
            id=new_id(now_ms),
            account_id=account.id,
            mac=device.mac,
            tenant_id=device.tenant_id,
            device_id=device.id,
            serial=device.serial,
            generation=device.tokens.generation,
            base_url=self.base_url_of(account),
            wish=RegistrationWish.LISTED,
            state=RegistrationState.WANTED,
            due_at=now_ms,
            changed_at=now_ms,
        )

    def _to_go(
        self,
        known: Iterable[Registration],
        *,
        wish: RegistrationWish = RegistrationWish.GONE,
        again: bool = False,
    ) -> list[Registration]:
        now_ms = self._context.clock.now_ms()
        return [
            replace(
                one,
                wish=wish,
                # What may be on its way in must be looked at before it is taken out.
                state=one.state if one.state is RegistrationState.SENT else RegistrationState.WANTED,
                attempts=0,
                due_at=now_ms,
                reason=None,
                said=None,
                changed_at=now_ms,
            )
            for one in known
            if again or not one.is_leaving or one.wish is not wish
        ]


def _says_the_same(old: Registration, new: Registration) -> bool:
    """Whether *old* asks for what *new* does, and was not refused: then it goes on as it is."""
    if old.state is RegistrationState.FAILED:
        return False
    names = ("wish", "tenant_id", "device_id", "serial", "generation", "base_url")
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _is_kept_out(old: Registration, new: Registration) -> bool:
    """Whether somebody has taken this very device out by hand."""
    return old.wish is RegistrationWish.KEPT_OUT and old.device_id == new.device_id


def by_state(counts: Mapping[tuple[str, str], int], account_id: str) -> dict[str, int]:
    """How many registrations of an account are in which state; all states, also those that nothing is in."""
    return {state.value: counts.get((account_id, state.value), 0) for state in RegistrationState}
