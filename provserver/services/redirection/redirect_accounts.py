"""Accounts at redirection services, as people enter, check and remove them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from provserver.domain.device import Credential, Tenant
from provserver.domain.endpoint import check_endpoint
from provserver.domain.registration import RedirectAccount, account_owner
from provserver.domain.text import check_text
from provserver.errors import Conflict, InvalidValue, NotFound, RedirectError, Refused
from provserver.outbound.identity import Identity
from provserver.redirect.catalogue import SERVICES, Service
from provserver.redirect.protocol import IDENTITY, Ability, Access
from provserver.secret import Secret
from provserver.services.context import Context
from provserver.services.redirection.redirect_clients import Clients
from provserver.services.secrets import Secrets
from provserver.storage import credentials, redirect_accounts, registrations
from provserver.storage.tables import new_id

_EVERYBODY = "global"  # what secrets of an account for all tenants are bound to in place of a tenant


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts there are, and which of them a device is entered with."""

    all: tuple[RedirectAccount, ...]

    def for_device(self, tenant_id: str, maker: str) -> RedirectAccount | None:
        """
        The tenant's own account at a service of *maker*, else the one for all tenants, else none.

        Fail closed: one at a service that configures devices itself is this tenant's, and only if it has chosen that.
        """
        fitting = [one for one in self.all if SERVICES[one.service].maker == maker]
        own = [one for one in fitting if one.tenant_id == tenant_id]
        hosting = [one for one in own if SERVICES[one.service].hosts and one.hosts_since is not None]
        shared = [one for one in fitting if one.tenant_id is None]
        telling = [one for one in (*own, *shared) if not SERVICES[one.service].hosts]
        return next(iter([*hosting, *telling]), None)

    def need_no_window(self, tenant_id: str, maker: str) -> bool:
        """Whether such a device boots without a window: by its own URL from its maker, or by its maker's own server."""
        account = self.for_device(tenant_id, maker)
        if account is None:
            return False
        service = SERVICES[account.service]
        return service.hosts or service.can(Ability.OWN_URL)


class RedirectAccounts:
    """
    Adds, checks and removes accounts.

    A tenant has one for each maker that sends devices here, and one for each that configures them; all tenants
    together have one of the former.
    """

    def __init__(self, *, context: Context, secrets: Secrets, clients: Clients) -> None:
        self._context = context
        self._secrets = secrets
        self._clients = clients

    async def add(
        self,
        slug: str,
        fields: Mapping[str, str],
        secrets: Mapping[str, Secret],
        *,
        tenant: Tenant | None = None,
        endpoint: str | None = None,
        per_s: float | None = None,
        check: bool = True,
    ) -> RedirectAccount:
        """
        Add an account at the service *slug*; *tenant* None: for all that have none of their own.

        Its credentials are tried first, unless *check* is False or the service cannot. Raises InvalidValue, Conflict
        (there is one for this maker), and Refused when the service does not let it in.
        """
        service = find_service(slug)
        address = endpoint or service.endpoint
        if address is None:
            raise InvalidValue("endpoint", f"is needed: {service.name} has one for each customer")
        if service.hosts and tenant is None:
            raise InvalidValue("tenant", f"is needed: {service.name} would be given all tenants' passwords")
        check_endpoint(address)
        _check_fields(service, fields, secrets)
        checked = check and service.can(Ability.CHECK)
        if checked:
            await self._try(service, Access(endpoint=address, fields=fields, secrets=secrets))
        at_ms = self._context.clock.now_ms()
        account = RedirectAccount(
            id=new_id(at_ms),
            tenant_id=tenant.id if tenant else None,
            service=slug,
            endpoint=address,
            fields=dict(fields),
            base_url=None,
            per_s=per_s,
            checked_at=at_ms if checked else None,
            updated_at=at_ms,
        )
        await self._store(account, secrets, at_ms=at_ms)
        return account

    async def change(
        self,
        account: RedirectAccount,
        fields: Mapping[str, str],
        secrets: Mapping[str, Secret],
        *,
        endpoint: str | None = None,
        per_s: float | None = None,
        check: bool = True,
    ) -> RedirectAccount:
        """
        Change what is given of an account, its secrets all or none; tried first, as in `add`. Its pause ends.

        Raises InvalidValue, and Refused when the service does not let it in.
        """
        service = SERVICES[account.service]
        merged = {name: value for name, value in {**account.fields, **fields}.items() if value}
        address = endpoint or account.endpoint
        check_endpoint(address)
        kept = secrets or await self._clients.secrets_of(account)
        _check_fields(service, merged, kept)
        checked = check and service.can(Ability.CHECK)
        if checked:
            await self._try(service, Access(endpoint=address, fields=merged, secrets=kept))
        at_ms = self._context.clock.now_ms()
        changed = replace(
            account,
            endpoint=address,
            fields=merged,
            per_s=per_s or account.per_s,
            failures=0,
            paused_until=0,
            problem=None,
            checked_at=at_ms if checked else None,
            updated_at=max(at_ms, account.updated_at + 1),  # clients are known by it
        )
        sealed = await self._seal(changed, secrets, at_ms=at_ms)
        async with self._context.storage.transaction() as tx:
            await redirect_accounts.update_account(tx, changed)
            old = await credentials.credentials_of(tx, [account_owner(account.id)]) if secrets else []
            await credentials.remove_credentials(tx, [c.id for c in old])
            await credentials.insert_credentials(tx, sealed)
            await self._context.record(
                tx,
                "redirect.account_changed",
                object_=account.service,
                tenant_id=account.tenant_id,
                detail={"endpoint": address, "fields": dict(merged), "secrets": sorted(secrets)},
            )
        await self._secrets.destroy_keys([c.sealed.key_id for c in old if c.sealed])
        return changed

    async def list(self, *, tenant_id: str | None = None) -> list[RedirectAccount]:
        """Accounts, the oldest first; with *tenant_id*, those that serve this tenant."""
        async with self._context.storage.read() as tx:
            found = await redirect_accounts.all_accounts(tx)
        return [one for one in found if tenant_id is None or one.tenant_id in (tenant_id, None)]

    async def find(self, slug: str, *, tenant: Tenant | None) -> RedirectAccount:
        """The account of *tenant* (None: of all) at a service. Raises NotFound."""
        find_service(slug)
        whose = tenant.id if tenant else None
        for account in await self.list():
            if account.service == slug and account.tenant_id == whose:
                return account
        raise NotFound("redirection account at", slug)

    async def check(self, account: RedirectAccount) -> RedirectAccount:
        """
        Try an account's credentials; if they are right, its pause ends.

        Raises Refused when they are not, or when the service has no call for that.
        """
        service = SERVICES[account.service]
        if not service.can(Ability.CHECK):
            raise Refused(f"{service.name} has no call by which credentials can be tried")
        try:
            await (await self._clients.of(account)).check_credentials()
        except RedirectError as error:
            raise Refused(f"{service.name}: {error}") from error
        at_ms = self._context.clock.now_ms()
        changed = replace(account, checked_at=at_ms, failures=0, paused_until=0, problem=None)
        async with self._context.storage.transaction() as tx:
            await redirect_accounts.update_account(tx, changed)
        return changed

    async def remove(self, account: RedirectAccount, *, forget: bool = False) -> None:
        """
        Remove an account. Raises Conflict while devices are entered with it, unless they are to be forgotten.

        *forget* leaves what the maker's list says as it is.
        """
        async with self._context.storage.transaction() as tx:
            counts = await registrations.counts(tx)
            entered = sum(n for (of, state), n in counts.items() if of == account.id and state != "withdrawn")
            if entered and not forget:
                raise Conflict(f"{entered} devices are registered with this account; withdraw them first")
            owned = await credentials.credentials_of(tx, [account_owner(account.id)])
            await credentials.remove_credentials(tx, [c.id for c in owned])
            await redirect_accounts.delete_account(tx, account.id)
            await self._context.record(
                tx, "redirect.account_removed", object_=account.service, tenant_id=account.tenant_id
            )
        await self._secrets.destroy_keys([c.sealed.key_id for c in owned if c.sealed])

    async def _try(self, service: Service, access: Access) -> None:
        try:
            await self._clients.made(service, access).check_credentials()
        except RedirectError as error:
            raise Refused(f"{service.name}: {error}; nothing was changed") from error

    async def _seal(
        self, account: RedirectAccount, secrets: Mapping[str, Secret], *, at_ms: int
    ) -> Sequence[Credential]:
        """Seal *secrets* for *account*; their data keys are written, the rows are the caller's."""
        owner = account_owner(account.id)
        tenant_id = account.tenant_id or _EVERYBODY
        sealed = [
            self._secrets.seal(secret, tenant_id=tenant_id, owner=owner, field=name, at_ms=at_ms)
            for name, secret in secrets.items()
        ]
        await self._secrets.store_keys([(key, owner) for _, key in sealed])
        return [credential for credential, _ in sealed]

    async def _store(self, account: RedirectAccount, secrets: Mapping[str, Secret], *, at_ms: int) -> None:
        service = SERVICES[account.service]
        sealed = await self._seal(account, secrets, at_ms=at_ms)
        async with self._context.storage.transaction() as tx:
            for other in await redirect_accounts.all_accounts(tx):
                known = SERVICES[other.service]
                same = (other.tenant_id, known.maker, known.hosts)
                if same == (account.tenant_id, service.maker, service.hosts):
                    raise Conflict(f"there is an account for {service.maker} already, at {other.service}")
            await redirect_accounts.insert_account(tx, account)
            await credentials.insert_credentials(tx, sealed)
            await self._context.record(
                tx,
                "redirect.account_added",
                object_=account.service,
                tenant_id=account.tenant_id,
                detail={"endpoint": account.endpoint, "fields": dict(account.fields), "secrets": sorted(secrets)},
            )


def find_service(slug: str) -> Service:
    """The service called *slug*; raises InvalidValue naming those there are."""
    if slug not in SERVICES:
        raise InvalidValue("service", f"{slug!r} is not one of {', '.join(sorted(SERVICES))}")
    return SERVICES[slug]


def _check_fields(service: Service, fields: Mapping[str, str], secrets: Mapping[str, Secret]) -> None:
    _check_names(service, fields, needed=service.fields, known=(*service.fields, *service.optional))
    _check_names(service, secrets, needed=service.secrets, known=service.secrets)
    for name, value in fields.items():
        check_text(name, value)
    for name, secret in secrets.items():
        if name == IDENTITY:
            Identity(secret, field=name)
        else:
            check_text(name, secret.reveal())


def _check_names(
    service: Service, given: Mapping[str, str | Secret], *, needed: Iterable[str], known: Iterable[str]
) -> None:
    for name in needed:
        if not given.get(name):
            raise InvalidValue(name, f"is needed for {service.name}")
    for name in given.keys() - set(known):
        raise InvalidValue(name, f"is nothing that {service.name} asks for")
