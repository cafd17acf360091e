"""`provserver redirect …`: what makers' redirection services know of our phones, and making it so."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from provserver.app import Services
from provserver.cli import redirect_accounts
from provserver.cli.options import AsJson, ConfigFile, group, plain, print_facts, print_json, print_table
from provserver.cli.running import progress, run
from provserver.domain.mac import MacAddress
from provserver.domain.registration import RedirectAccount
from provserver.errors import InvalidValue, Refused
from provserver.redirect.catalogue import SERVICES
from provserver.redirect.portal import STEPS
from provserver.services.redirection.reconciliation import Drift
from provserver.services.redirection.redirect_accounts import find_service
from provserver.storage import registrations

app = group("Makers' redirection services.")
app.add_typer(redirect_accounts.app, name="account")
app.command("services")(redirect_accounts.list_services)

OneMac = Annotated[str | None, typer.Argument(metavar="[MAC]", help="One device only.", show_default=False)]
ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="See `redirect services`.", show_default=False)]
OfTenant = Annotated[str | None, typer.Option("--tenant", help="Only devices of this tenant.")]
OfService = Annotated[str | None, typer.Option("--service", help="Only this service.")]
_STATES = ("wanted", "sent", "confirmed", "seen", "failed", "withdrawn")


@app.command()
def status(mac: OneMac = None, *, tenant: OfTenant = None, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show accounts with the numbers of their devices by state; of one MAC how far it has come."""
    if mac is not None:
        _show_device(MacAddress.parse(mac), as_json=as_json, config=config)
        return

    async def work(services: Services) -> dict[str, Any]:
        tenant_id = None if tenant is None else (await services.tenants.get(tenant)).id
        return await services.redirection.views.overview(tenant_id=tenant_id)

    overview = run(work, config=config)
    if as_json:
        print_json(overview)
        return
    rows = [
        (
            account["service"],
            account["tenant"] or "everybody",
            *(str(account["devices"][state]) for state in _STATES),
            account["problem"] or "-",
        )
        for account in overview["accounts"]
    ]
    print_table([("service", "tenant", *_STATES, "problem"), *rows])
    for one in overview["failed"]:
        typer.echo(plain(f"failed: {one['mac']} of {one['tenant']}: {one['reason']}: {one['said'] or '-'}"))


@app.command()
def sync(
    mac: OneMac = None,
    *,
    tenant: OfTenant = None,
    service: OfService = None,
    url: Annotated[str | None, typer.Option(help="Phones are to reach us there from now on.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what is so already, or was taken out by hand.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """
    Enter every device at its maker's service that is not there as it should be, and wait until it is done.

    May be broken off at any time: what is done stays done, the server does the rest, and so does another sync. Exit
    code 1 if any device has failed or has to wait.
    """
    address = None if mac is None else MacAddress.parse(mac)

    async def work(services: Services) -> list[dict[str, Any]]:
        tenant_id = None if tenant is None else (await services.tenants.get(tenant)).id
        accounts = await _accounts(services, tenant_id=tenant_id, service=service)
        if url is not None:
            _refuse_shared(accounts, tenant)
            accounts = [await services.redirection.reconciliation.point_to(account, url) for account in accounts]
        done = []
        for account in accounts:
            if address is not None:
                new = await _wish_one(services, address)
            else:
                with progress(f"{account.service}: looking at devices") as tell:
                    new = await services.redirection.reconciliation.wish(
                        account, tenant_id=tenant_id, again=again, tell=lambda count: tell(count, count)
                    )
            done.append({"service": account.service, "new": new, **await _send(services, account)})
        return done

    results = run(work, config=config)
    if as_json:
        print_json(results)
    for one in () if as_json else results:
        waiting = f", {one['waiting']} wait: {one['problem'] or 'try again later'}" if one["waiting"] else ""
        typer.echo(plain(f"{one['service']}: {one['new']} new, {one['ended']} done, {one['failed']} failed{waiting}"))
    if any(one["failed"] or one["waiting"] for one in results):
        raise typer.Exit(1)


@app.command()
def withdraw(
    mac: Annotated[str, typer.Argument(metavar="MAC", help="In any usual notation.", show_default=False)],
    *,
    tenant: OfTenant = None,
    config: ConfigFile = None,
) -> None:
    """Take a MAC out of its maker's service; the device stays here and is not entered again by itself."""
    address = MacAddress.parse(mac)

    async def work(services: Services) -> list[tuple[str, str, str | None]]:
        tenant_id = None if tenant is None else (await services.tenants.get(tenant)).id
        redirection = services.redirection
        await redirection.views.device(address, tenant_id=tenant_id)
        async with services.storage.transaction() as tx:
            await redirection.registrations.withdraw(tx, [address], tenant_id=tenant_id, by_hand=True)
            await services.context.record(tx, "redirect.withdrawn", object_=address.value, tenant_id=tenant_id)
        await redirection.registrar.run()
        names = {account.id: account.service for account in await redirection.accounts.list()}
        return [
            (names[one.account_id], one.state.value, one.said)
            for one in await redirection.views.device(address, tenant_id=tenant_id)
        ]

    for name, state, said in run(work, config=config):
        typer.echo(plain(f"{name}: {address} is {state}{f': {said}' if said else ''}"))


@app.command()
def host(
    service: ServiceName,
    *,
    tenant: Annotated[str, typer.Option(help="Whose devices the maker is to configure.", show_default=False)],
    why: Annotated[str, typer.Option(help="Stands with each device that is handed over.", show_default=False)],
    config: ConfigFile = None,
) -> None:
    """
    Have a maker's own server configure a tenant's devices: their lines and SIP passwords are given to that maker.

    What each device's maker has received, when and why stands in its record. Exit code 1 if any has failed or waits.
    """
    _change_hosting(service, tenant, why=why, config=config)


@app.command()
def unhost(
    service: ServiceName,
    *,
    tenant: Annotated[str, typer.Option(help="Whose devices they are.", show_default=False)],
    config: ConfigFile = None,
) -> None:
    """End that, and delete there what was handed over, where the maker has a call for it."""
    _change_hosting(service, tenant, why=None, config=config)


@app.command()
def check(
    mac: OneMac = None,
    *,
    tenant: OfTenant = None,
    service: OfService = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what differs.")] = False,
    pin: Annotated[bool, typer.Option("--pin", help="Show the PIN of one device; the audit trail notes it.")] = False,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Compare what the makers' services have with what they should have; of one MAC, ask its service."""
    if mac is not None:
        address = MacAddress.parse(mac)
        facts = run(lambda services: _ask(services, address, pin=pin), config=config)
        if as_json:
            print_json(facts)
        else:
            for one in facts:
                print_facts((name.replace("_", " "), value) for name, value in one.items())
        return

    async def work(services: Services) -> list[Drift]:
        tenant_id = None if tenant is None else (await services.tenants.get(tenant)).id
        found = []
        for account in await _accounts(services, tenant_id=tenant_id, service=service):
            with progress(f"{account.service}: comparing") as tell:
                compare = services.redirection.reconciliation.compare
                found.append(await compare(account, repair=repair, tell=lambda count: tell(count, count)))
            if repair:
                await _send(services, account)
        return found

    drifts = run(work, config=config)
    if as_json:
        print_json(
            [{"service": d.service, "compared": d.compared, "problem": d.problem, "found": d.found()} for d in drifts]
        )
        return
    for drift in drifts:
        found = ", ".join(f"{count} {kind}" for kind, count in drift.found().items()) or "nothing differs"
        typer.echo(plain(f"{drift.service}: {drift.compared} compared, {drift.problem or found}"))


@app.command()
def portal(
    maker: Annotated[str, typer.Argument(metavar="MAKER", help="Whose phones; see `vendor list`.", show_default=False)],
    *,
    tenant: Annotated[str, typer.Option(help="Whose devices they are.", show_default=False)],
    config: ConfigFile = None,
) -> None:
    """Print MAC, serial and URL of devices as CSV, for the portal of a maker whose service no program can use."""
    if maker not in STEPS:
        known = [service.slug for service in SERVICES.values() if service.maker == maker]
        where = f"has a service: {', '.join(known)}" if known else f"is not one of {', '.join(sorted(STEPS))}"
        raise InvalidValue("maker", f"{maker!r} {where}")

    async def work(services: Services) -> list[tuple[MacAddress, str, Any]]:
        whose = await services.tenants.get(tenant)
        base_url = services.settings.redirect.url or services.settings.phone.url
        return await services.redirection.views.portal(maker, tenant_id=whose.id, base_url=base_url)

    rows = run(work, config=config)
    typer.echo(STEPS[maker], err=True)
    writer = csv.writer(sys.stdout)
    writer.writerow(["mac", "serial", "url"])
    writer.writerows([mac.colons.upper(), serial, url.reveal()] for mac, serial, url in rows)


def _change_hosting(service: str, tenant: str, *, why: str | None, config: Any) -> None:  # noqa: ANN401 - a path, or None
    async def work(services: Services) -> tuple[int, list[dict[str, Any]]]:
        whose = await services.tenants.get(tenant)
        redirection = services.redirection
        account = await redirection.accounts.find(service, tenant=whose)
        hosting = redirection.hosting
        count = await (hosting.end(account) if why is None else hosting.choose(account, why=why))
        maker = SERVICES[service].maker  # devices also come from, or go back to, the service that sends them here
        all_accounts = await redirection.accounts.list(tenant_id=whose.id)
        return count, [await _send(services, one) for one in all_accounts if SERVICES[one.service].maker == maker]

    count, results = run(work, config=config)
    what = "is given" if why is not None else "gives back"
    typer.echo(f"{SERVICES[service].name} {what} {count} devices of {tenant}")
    for one in results:
        if one["failed"] or one["waiting"]:
            problem = one["problem"] or "see `redirect status`"
            typer.echo(plain(f"{one['failed']} failed, {one['waiting']} wait: {problem}"))
    if any(one["failed"] or one["waiting"] for one in results):
        raise typer.Exit(1)


def _show_device(mac: MacAddress, *, as_json: bool, config: Any) -> None:  # noqa: ANN401 - a path, or None
    shown = run(lambda services: services.inventory.show(mac), config=config)
    if as_json:
        print_json({"redirection": shown["redirection"], "disclosures": shown["disclosures"]})
        return
    if not shown["redirection"]:
        raise Refused(f"{mac.colons} is registered nowhere")
    for stage in shown["redirection"]:
        print_facts((name.replace("_", " "), value) for name, value in stage.items())
    print_facts([("credentials delivered at", shown["credentials"]["first_delivered_at"])])
    print_table([("told at", "to", "what", "why"), *(tuple(map(str, d.values())) for d in shown["disclosures"])])


async def _accounts(services: Services, *, tenant_id: str | None, service: str | None) -> list[RedirectAccount]:
    if service is not None:
        find_service(service)
    found = await services.redirection.accounts.list(tenant_id=tenant_id)
    found = [account for account in found if service in (None, account.service)]
    if not found:
        raise Refused("there is no such account; see `provserver redirect account add`")
    return found


def _refuse_shared(accounts: list[RedirectAccount], tenant: str | None) -> None:
    if tenant is not None and any(account.tenant_id is None for account in accounts):
        raise InvalidValue("url", "would move other tenants' devices, too: leave --tenant out, or name a --service")


async def _wish_one(services: Services, mac: MacAddress) -> int:
    device = await services.devices.get(mac)
    async with services.storage.transaction() as tx:
        return await services.redirection.registrations.want(tx, [device], again=True)


async def _send(services: Services, account: RedirectAccount) -> dict[str, Any]:
    """Work on the queue of an account until it is empty or its service wants to be left alone."""
    ended = 0
    with progress(f"{account.service}: sending") as tell:
        show = _counting(tell, await _waiting(services, account))
        ended = await services.redirection.registrar.work(account, tell=show)
    async with services.storage.read() as tx:
        counts = await registrations.counts(tx)
    overview = await services.redirection.views.overview()
    problem = next((a["problem"] for a in overview["accounts"] if a["service"] == account.service), None)
    failed = counts.get((account.id, "failed"), 0)
    return {"ended": ended, "failed": failed, "waiting": await _waiting(services, account), "problem": problem}


def _counting(tell: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    return lambda done: tell(done, max(total, done))


async def _waiting(services: Services, account: RedirectAccount) -> int:
    async with services.storage.read() as tx:
        return await registrations.count_open(tx, [account.id])


async def _ask(services: Services, mac: MacAddress, *, pin: bool) -> list[dict[str, Any]]:
    views, names = services.redirection.views, {}
    for account in await services.redirection.accounts.list():
        names[account.id] = account.service
    found = []
    for one in await views.device(mac):
        entry = await services.redirection.reconciliation.look_up(one)
        facts: dict[str, Any] = {
            "service": names[one.account_id],
            "wish": one.wish.value,
            "state": one.state.value,
            "standing": entry.standing.value,
            "url_is_ours": await services.redirection.reconciliation.points_here(one, entry),
        }
        if pin:
            secret = await views.pin(one)
            facts["pin"] = secret.reveal() if secret else None
        found.append(facts)
    return found
