"""
Hands a device's lines and passwords to a maker's own server, where its tenant has chosen that: `Handovers`.

A handover is a delivery: before anything leaves, the release of each password and who is told what are on the disk;
the days count from the maker's word that it has them. Passwords are opened for the call, and for nothing else.
"""

from __future__ import annotations

import secrets as random_source
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from provserver.domain.device import Credential
from provserver.domain.line import LINE_FIELD, Line
from provserver.domain.registration import RedirectAccount, Registration
from provserver.domain.resolve import LOGIN_PASSWORD
from provserver.domain.slot import PROVISIONING_URL
from provserver.errors import AccountRefused, RenderError, SecretGone, ServiceUnreachable
from provserver.identify import Catalogue, take_apart
from provserver.redirect.catalogue import SERVICES, Service
from provserver.redirect.protocol import DONE, Client, Outcome, Phone, Result, Wish, spoken
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.layers import Places
from provserver.services.records import Whole, load_whole
from provserver.services.secrets import Secrets
from provserver.storage import changes, handovers, redirect_accounts, registrations
from provserver.storage.database import Transaction
from provserver.storage.records import Access, RecordReader

_PROOF = "hosted"  # in the list of deliveries, in place of what a phone would have shown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handover:
    """What is about to leave, with *secrets* by their fields. *starting*: those whose clock does not run yet."""

    access: Access
    phone: Phone
    secrets: tuple[str, ...]
    starting: tuple[Credential, ...]
    release_id: int

    @property
    def ids(self) -> list[str]:
        """Of the credentials whose clock does not run yet."""
        return [credential.id for credential in self.starting]


class _Refusal(Exception):
    """Nothing leaves."""

    def __init__(self, outcome: Outcome, said: str) -> None:
        super().__init__(said)
        self.result = Result(outcome=outcome, said=spoken(said))


class Handovers:
    """Tells hosting services of devices. *retention_ms* is the server's own period; a tenant can have another."""

    def __init__(
        self,
        *,
        context: Context,
        secrets: Secrets,
        catalogue: Catalogue,
        renderer: Renderer,
        places: Places,
        retention_ms: int,
    ) -> None:
        self._context = context
        self._secrets = secrets
        self._catalogue = catalogue
        self._renderer = renderer
        self._places = places
        self._retention_ms = retention_ms

    async def register(
        self, client: Client, account: RedirectAccount, wanted: Sequence[tuple[Registration, Wish]]
    ) -> list[Result]:
        """
        Hand over devices one after the other; raises what `Client.register` does.

        Fail closed: without the tenant's choice, for another tenant's device, for one that is locked, or with a
        password that is not held, nothing leaves.
        """
        return [await self._hand_over(client, account, one, wish) for one, wish in wanted]

    async def _hand_over(self, client: Client, account: RedirectAccount, one: Registration, wish: Wish) -> Result:
        try:
            handover = await self._prepared(account, one, wish)
            await self._begin(account, one, handover)
        except _Refusal as refusal:
            return refusal.result
        try:
            (result,) = await client.register([replace(wish, phone=handover.phone)])
        except AccountRefused:  # it was not let in, so nothing was taken
            await self._take_back(handover)
            raise
        except ServiceUnreachable:  # fail closed: it may have them, so their clocks run from their release
            await self._keep_released(handover)
            raise
        if result.outcome in DONE:
            await self._complete(account, handover)
        elif not result.has_kept:
            await self._take_back(handover)
        return _without(result, handover.phone)

    async def _prepared(self, account: RedirectAccount, one: Registration, wish: Wish) -> _Handover:
        """Everything that is going to leave, opened."""
        access = await RecordReader(self._context.storage).access_by_mac(one.mac.value)
        if access is None or access.device.id != one.device_id or access.tenant.id != account.tenant_id:
            raise _Refusal(Outcome.NOT_ALLOWED, "not sent: it is no device of the tenant's any more")
        if access.device.locked_at is not None:
            raise _Refusal(Outcome.NOT_ALLOWED, "not sent: the device is locked")
        whole = await load_whole(self._context.storage, access, self._places)
        service = SERVICES[account.service]
        _demand_passwords(whole, takes_login=service.takes_login)
        try:
            passwords = {line.number: self._open(whole, line.password_field) for line in whole.view.lines}
            config, fields = self._config(service, access, whole, wish)
            login = self._open(whole, LOGIN_PASSWORD) if service.takes_login else Secret("")
        except SecretGone as error:  # deleted between two look-ups
            raise _Refusal(Outcome.NOT_HELD, f"not sent: {error}") from None
        except RenderError as error:
            raise _Refusal(Outcome.REFUSED, f"not sent: {error}") from None
        names = {*fields, *map(_field, whole.view.lines), *([LOGIN_PASSWORD] if service.takes_login else [])}
        carried = [whole.credentials[name] for name in sorted(names)]
        return _Handover(
            access=access,
            phone=Phone(
                model=access.device.model, lines=whole.view.lines, passwords=passwords, config=config, login=login
            ),
            secrets=tuple(c.field for c in carried),
            starting=tuple(c for c in carried if c.first_delivered_at is None and c.owner.startswith("device:")),
            release_id=random_source.randbits(62),
        )

    def _config(self, service: Service, access: Access, whole: Whole, wish: Wish) -> tuple[Secret, frozenset[str]]:
        """The phone's own file, where the service takes it, and the credentials that stand in it."""
        asked = take_apart("/" + service.file.format(mac=wish.mac.value)) if service.file else None
        if asked is None:
            return Secret(""), frozenset()
        vendor = self._catalogue.vendors[access.device.vendor]
        rule = self._catalogue.file_rule(vendor.slug, asked)
        if rule is None or rule.template is None:
            raise _Refusal(Outcome.REFUSED, "not sent: its maker's phones have no file that the service takes")
        skeleton = self._renderer.render(vendor, rule, whole.view)
        fields = skeleton.fields - {PROVISIONING_URL}
        opened = {PROVISIONING_URL: wish.url, **{name: self._open(whole, name) for name in fields}}
        return Secret(fill(skeleton, opened).decode()), fields

    def _open(self, whole: Whole, field: str) -> Secret:
        return self._secrets.open(whole.envelopes[field])

    async def _begin(self, account: RedirectAccount, one: Registration, handover: _Handover) -> None:
        """Have the releases and the disclosure on the disk, if the tenant still wants it; nothing leaves before."""
        now_ms = self._context.clock.now_ms()
        recipient = f"{account.service} ({urlsplit(account.endpoint).hostname})"
        what = _told(one, handover)
        async with self._context.storage.transaction() as tx:
            current = await redirect_accounts.get_account(tx, account.id)
            if current is None or current.hosts_since is None:
                raise _Refusal(Outcome.NOT_ALLOWED, "not sent: the tenant does not want that its maker configures it")
            why = f"hosting: {current.hosts_why}"
            facts = {"tenant_id": one.tenant_id, "device_id": one.device_id, "mac": one.mac.value}
            await registrations.disclose(
                tx, [{**facts, "at": now_ms, "recipient": recipient, "what": what, "why": why}]
            )
            await handovers.release(tx, handover.ids, release_id=handover.release_id, at_ms=now_ms)
            await self._context.record(
                tx,
                "redirect.handed_over",
                object_=one.mac.value,
                tenant_id=one.tenant_id,
                changed=(one.mac.value,),
                detail={"recipient": recipient, "what": what, "why": current.hosts_why},
            )
        self._context.settled((one.mac.value,))

    async def _complete(self, account: RedirectAccount, handover: _Handover) -> None:
        """The maker has said that it has them: the days count from now."""
        now_ms = self._context.clock.now_ms()
        access = handover.access
        delivery = {
            "device_id": access.device.id,
            "file": account.service,
            "proof": _PROOF,
            "address": urlsplit(account.endpoint).hostname or "",
            "user_agent": "",
        }
        async with self._changing(handover) as tx:
            await handovers.complete(
                tx,
                handover.ids,
                at_ms=now_ms,
                until_ms=now_ms + (access.tenant.retention_ms or self._retention_ms),
                delivery=delivery,
            )

    async def _take_back(self, handover: _Handover) -> None:
        """The maker has not taken them: their clocks do not run."""
        # Where another attempt's mark stood before, a phone may be reading the password just now: it stays marked.
        ids = [c.id for c in handover.starting if c.released_at is None]
        async with self._changing(handover) as tx:
            await handovers.take_back(tx, ids, release_id=handover.release_id)

    async def _keep_released(self, handover: _Handover) -> None:
        """Nobody knows whether the maker has them."""
        async with self._changing(handover) as tx:
            now_ms = self._context.clock.now_ms()
            await handovers.keep_released(tx, handover.ids, release_id=handover.release_id, at_ms=now_ms)

    @asynccontextmanager
    async def _changing(self, handover: _Handover) -> AsyncIterator[Transaction]:
        """A transaction after which every process forgets what it knew of the device."""
        macs = (handover.access.device.mac.value,)
        async with self._context.storage.transaction() as tx:
            yield tx
            await changes.note(tx, macs)
        self._context.settled(macs)


def _demand_passwords(whole: Whole, *, takes_login: bool) -> None:
    if takes_login and LOGIN_PASSWORD not in whole.credentials:
        raise _Refusal(Outcome.NOT_HELD, "not sent: its provisioning_password is not held here")
    if not whole.view.lines:
        raise _Refusal(Outcome.NOT_HELD, "not sent: it has no line")
    for line in whole.view.lines:
        if line.password_field not in whole.credentials:
            raise _Refusal(Outcome.NOT_HELD, f"not sent: the password of line {line.number} is not held here")


def _field(line: Line) -> str:
    return line.password_field


def _told(one: Registration, handover: _Handover) -> str:
    """What leaves, in the words of the device's record; rather more than the service has a place for than less."""
    phone = handover.phone
    parts = ["mac", *(["serial"] if one.serial else []), *(["model"] if phone.model else [])]
    parts += ["configuration", "url"] if phone.config else []
    parts += [name for name in handover.secrets if not name.startswith(LINE_FIELD)]
    for line in phone.lines:
        names = ["user name", "password", "registrar"]
        names += ["display name"] if line.display_name else []
        names += ["label"] if line.label else []
        parts.append(f"line {line.number} ({', '.join(names)})")
    return ", ".join(parts)


def _without(result: Result, phone: Phone) -> Result:
    """The same, with no password in the maker's words."""
    for password in (*phone.passwords.values(), phone.login):
        result = result.without(password)
    return result
