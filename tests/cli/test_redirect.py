"""`redirect …`: accounts are entered, devices sent, looked at, taken out; nobody is told a secret that did not ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import stamina

from tests.cli.terminal import MARK, Terminal
from tests.redirect.fakes import tls
from tests.redirect.fakes.all import FAKES
from tests.redirect.fakes.hosting import YMCSHosting
from tests.redirect.fakes.service import OTHERS, US, FakeService, beside

SECRET = "pa55"


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def sraps() -> Iterator[FakeService]:
    with beside(FAKES["snom_sraps"]()) as fake:
        yield fake


def enter(terminal: Terminal, fake: FakeService, *more: str) -> str:
    """Add an account for acme."""
    return terminal.do(
        "redirect", "account", "add", "snom_sraps", "key_id=id-1", "--tenant", "acme", "--endpoint", fake.endpoint,
        "--per-second", "1000", *more, stdin=f"{SECRET}\n",
    ).out  # fmt: skip


def import_phones(terminal: Terminal, count: int) -> None:
    rows = ["mac,model,user_name,password,registrar"]
    rows += [
        f"000413{number:06x},D785,{1000 + number},{MARK}{number},pbx.example.com" for number in range(1, count + 1)
    ]
    terminal.do("device", "import", "-", "--tenant", "acme", stdin="\n".join(rows))


def test_devices_are_entered_looked_at_and_taken_out(terminal: Terminal, sraps: FakeService) -> None:
    assert "its credentials are right" in enter(terminal, sraps)
    import_phones(terminal, 30)

    said = terminal.do("redirect", "sync").out
    assert said == "snom_sraps: 0 new, 30 done, 0 failed\n"
    assert len(sraps.ours()) == 30
    (account,) = terminal.do("redirect", "status", "--json").json["accounts"]
    assert (account["devices"]["confirmed"], account["devices"]["wanted"]) == (30, 0)
    assert "snom_sraps" in terminal.do("redirect", "status").out

    one = terminal.do("redirect", "status", "00:04:13:00:00:01", "--json").json
    (stage,) = one["redirection"]
    assert (stage["state"], stage["contacted_at"]) == ("confirmed", None)
    assert [told["why"] for told in one["disclosures"]] == ["register"]
    assert "listed at" in terminal.do("redirect", "status", "000413000001").out

    shown = terminal.do("device", "show", "000413000001").out
    assert re.search(r"^snom_sraps +listed \S+, has not contacted us$", shown, flags=re.MULTILINE)

    (asked,) = terminal.do("redirect", "check", "000413000001", "--json").json
    assert (asked["standing"], asked["url_is_ours"]) == ("ours", True)
    assert terminal.do("redirect", "check").out == "snom_sraps: 30 compared, nothing differs\n"

    assert "is withdrawn" in terminal.do("redirect", "withdraw", "000413000001").out
    assert len(sraps.ours()) == 29
    terminal.do("device", "delete", "000413000002", "--yes")
    assert "1 done" in terminal.do("redirect", "sync").out
    assert len(sraps.ours()) == 28


def test_lists_are_compared_and_mended(terminal: Terminal, sraps: FakeService) -> None:
    enter(terminal, sraps)
    import_phones(terminal, 3)
    terminal.do("redirect", "sync", "--tenant", "acme")
    del sraps.devices["000413000001"]
    sraps.devices["000413000002"] = (US, "https://old.example.net/")

    told = terminal.do("redirect", "check", "--json").json
    assert told == [{"service": "snom_sraps", "compared": 3, "problem": None, "found": {"elsewhere": 1, "missing": 1}}]
    terminal.do("redirect", "check", "--repair")

    assert terminal.do("redirect", "check").out == "snom_sraps: 3 compared, nothing differs\n"


def test_a_tenant_is_pointed_anew(terminal: Terminal, sraps: FakeService) -> None:
    enter(terminal, sraps)
    import_phones(terminal, 3)
    terminal.do("redirect", "sync")

    terminal.do("redirect", "sync", "--url", "https://new.example.net", "--tenant", "acme")

    assert all(url.startswith("https://new.example.net/") for url in sraps.ours().values())
    (account,) = terminal.do("redirect", "account", "list", "--json").json
    assert account["url"] == "https://new.example.net"


def test_failures_are_told_with_the_makers_words(terminal: Terminal, sraps: FakeService) -> None:
    enter(terminal, sraps)
    sraps.devices["000413000001"] = (OTHERS, "https://theirs.example.org/")
    import_phones(terminal, 2)

    said = terminal.run("redirect", "sync")
    assert (said.code, said.out) == (1, "snom_sraps: 0 new, 2 done, 1 failed\n")
    assert '"event":"registration.claimed"' in said.err
    shown = terminal.do("redirect", "status").out
    assert "failed: 000413000001 of acme: owned_by_another: User lacks permission to endpoint" in shown

    del sraps.devices["000413000001"]
    assert "1 new" in terminal.do("redirect", "sync", "000413000001").out
    assert len(sraps.ours()) == 2


def test_a_service_that_is_down_keeps_its_devices_waiting(terminal: Terminal, sraps: FakeService) -> None:
    enter(terminal, sraps)
    import_phones(terminal, 12)
    sraps.is_down = True

    said = terminal.run("redirect", "sync")

    assert said.code == 1
    assert "12 wait: it answers 503" in said.out


def test_accounts_are_tried_checked_and_removed(terminal: Terminal, sraps: FakeService) -> None:
    wrong = ("redirect", "account", "add", "snom_sraps", "key_id=id-1", "--endpoint", sraps.endpoint)
    assert "401" in terminal.run(*wrong, stdin="wr0ng\n").complaint
    assert "key: is missing" in terminal.run(*wrong).complaint
    assert "key_id: is needed" in terminal.run(*wrong[:4], stdin="x\n").complaint
    assert "is not one of" in terminal.run("redirect", "account", "add", "nobody").complaint
    assert "credentials have not been tried" in terminal.do(*wrong, "--no-check", stdin="wr0ng\n").out
    assert "401" in terminal.run("redirect", "account", "check", "snom_sraps").complaint
    terminal.do("redirect", "account", "remove", "snom_sraps")

    enter(terminal, sraps)
    assert "lets the account in" in terminal.do("redirect", "account", "check", "snom_sraps", "--tenant", "acme").out
    table = terminal.do("redirect", "account", "list").out
    assert "acme" in table
    assert SECRET not in table
    assert terminal.do("db", "check").code == 0


def test_what_is_not_there_is_refused_in_one_line(terminal: Terminal, sraps: FakeService) -> None:
    assert "there is no such account" in terminal.run("redirect", "sync").complaint
    assert "no redirection account" in terminal.run("redirect", "account", "check", "snom_sraps").complaint
    assert "no registration of" in terminal.run("redirect", "withdraw", "000413000001").complaint
    enter(terminal, sraps)
    assert "url: is not" in terminal.run("redirect", "sync", "--url", "ftp://x").complaint
    assert (
        "'fanvil' has a service: fanvil_fdps"
        in terminal.run("redirect", "portal", "fanvil", "--tenant", "acme").complaint
    )


def test_services_say_what_they_need(terminal: Terminal) -> None:
    facts = {one["service"]: one for one in terminal.do("redirect", "services", "--json").json}

    assert facts["grandstream_gdms"]["secrets"] == ["password", "client_secret"]
    assert facts["polycom_ztp"]["own_url"] is False
    assert "yealink_ymcs" in terminal.do("redirect", "services").out


def test_a_portal_gets_macs_and_urls_that_boot_the_phone(terminal: Terminal) -> None:
    terminal.do(
        "device", "add", "--tenant", "acme", "--mac", "00908f000001", "--vendor", "audiocodes",
        "--line", "1001@pbx", "serial=SN-1", stdin=f"{MARK}\n",
    )  # fmt: skip

    said = terminal.run("redirect", "portal", "audiocodes", "--tenant", "acme")

    assert said.code == 0
    head, row = said.out.splitlines()
    assert head == "mac,serial,url"
    assert row.startswith("00:90:8F:00:00:01,SN-1,http://127.0.0.1:8080/")
    assert len(row.rsplit("/", 2)[1]) == 24  # characters of a token
    assert "AudioCodes" in said.err


def test_a_maker_configures_a_tenants_phones_only_when_told_to(terminal: Terminal) -> None:
    with beside(FAKES["yealink_ymcs_hosting"]()) as fake:
        assert isinstance(fake, YMCSHosting)
        add = ("redirect", "account", "add", "yealink_ymcs_hosting", "client_id=client-1", "--endpoint", fake.endpoint)
        assert "tenant: is needed" in terminal.run(*add, stdin=f"{SECRET}\n").complaint
        terminal.do(*add, "--tenant", "acme", "--per-second", "1000", stdin=f"{SECRET}\n")
        row = f"805ec0aabbcc,T54W,1001,{MARK}1,pbx.example.com"
        rows = f"mac,model,user_name,password,registrar\n{row}"
        terminal.do("device", "import", "-", "--tenant", "acme", stdin=rows)
        terminal.do("redirect", "sync", "--tenant", "acme")
        assert fake.ours() == {}

        choose = ("redirect", "host", "yealink_ymcs_hosting", "--tenant", "acme")
        assert terminal.run(*choose).code == 2  # it takes a reason
        said = terminal.do(*choose, "--why", "contract 4711").out
        assert said == "Yealink YMCS device management is given 1 devices of acme\n"
        assert [account["password"] for account in fake.accounts.values()] == [f"{MARK}1"]
        (account,) = terminal.do("redirect", "status", "--json").json["accounts"]
        assert account["hosts_why"] == "contract 4711"
        (told,) = terminal.do("redirect", "status", "805ec0aabbcc", "--json").json["disclosures"]
        assert (told["why"], "password" in told["what"]) == ("hosting: contract 4711", True)

        terminal.do("redirect", "unhost", "yealink_ymcs_hosting", "--tenant", "acme")
        assert (fake.ours(), fake.accounts) == ({}, {})
        assert "already" in terminal.run("redirect", "unhost", "yealink_ymcs_hosting", "--tenant", "acme").complaint


@pytest.fixture
def cloud_setup(terminal: Terminal) -> Iterator[FakeService]:
    terminal.patch.setenv("PROVSERVER_REDIRECT__AUTHORITIES", str(tls.TRUST))
    with beside(FAKES["unify_cloud_setup"]()) as fake:
        yield fake


def test_a_certificate_is_read_from_the_file_that_is_named_and_sealed(
    terminal: Terminal, cloud_setup: FakeService
) -> None:
    add = ("redirect", "account", "add", "unify_cloud_setup", "--tenant", "acme", "--endpoint", cloud_setup.endpoint)
    identity = terminal.write("identity.pem", tls.CUSTOMER)
    broken = terminal.write("broken.pem", tls.CUSTOMER.partition("-----BEGIN CERT")[0])

    assert terminal.run(*add, stdin="/nowhere.pem\n").complaint == (
        "identity: its file cannot be read: No such file or directory"
    )
    assert terminal.run(*add, stdin=f"{broken}\n").complaint == (
        "identity: is no certificate with its own key, in PEM and without a passphrase"
    )
    assert "its credentials are right" in terminal.do(*add, stdin=f"{identity}\n").out
    assert cloud_setup.calls == ["POST"]
    key = tls.CUSTOMER.splitlines()[1].encode()
    kept = [file for file in (terminal.folder / "data").rglob("*") if file.is_file() and key in file.read_bytes()]
    assert kept == []
