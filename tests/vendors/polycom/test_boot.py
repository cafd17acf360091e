"""A played phone asks in the makers' order and understands what it is given."""

from __future__ import annotations

from provserver.domain.boot import Booted, Fetch, Reply, SimulatedPhone
from provserver.domain.line import Endpoint
from provserver.domain.mac import MacAddress
from provserver.domain.view import DeviceView
from provserver.vendors.polycom import VENDOR
from provserver.vendors.polycom.boot import PART_NUMBER
from tests.vendors.polycom.phone import MAC, URL, line, view_of, write

PHONE = SimulatedPhone(mac=MacAddress(MAC), model=VENDOR.simulation.model, firmware=VENDOR.simulation.firmware)
AROUND = [
    ("GET", f"{MAC}-phone.cfg"),
    ("GET", f"{MAC}-web.cfg"),
    ("GET", f"{MAC}-license.cfg"),
    ("GET", "000000000000-license.cfg"),
    ("GET", f"{MAC}-directory.xml"),
    ("GET", "000000000000-directory.xml"),
    ("PUT", f"{MAC}-app.log"),
]


def start(files: dict[str, bytes]) -> tuple[Booted, list[Fetch]]:
    """Drive the boot script over *files*; everything else is a miss, and uploads are taken."""
    script, asked = VENDOR.simulation.boot(PHONE), []
    fetch = next(script)
    while True:
        asked.append(fetch)
        body = files.get(fetch.file)
        status = 201 if fetch.method == "PUT" else 404 if body is None else 200
        try:
            fetch = script.send(Reply(status, body or b""))
        except StopIteration as done:
            return done.value, asked


def files_of(view: DeviceView, **secrets: str) -> dict[str, bytes]:
    held = {f"line.{name[-1]}.password": value for name, value in secrets.items()}
    return {
        f"{MAC}.cfg": write(view, "master", held),
        f"{MAC}-user.cfg": write(view, "user", held),
        f"{MAC}-site.cfg": write(view, "site", held),
    }


def test_a_phone_learns_its_accounts_and_where_to_ask_next() -> None:
    tls = Endpoint.parse("sip.example.org:5061;transport=tls")
    lines = line(1, auth_name="a&b", label="<Desk>"), line(2, registrar=tls)
    view = view_of({}, *lines, held=("line.1.password", "line.2.password"))

    booted, asked = start(files_of(view, p1="p<1>&'\"", p2="zwei ü"))

    first, second = booted.accounts
    assert (first.number, first.user_name, first.auth_name, first.password) == (1, "1001", "a&b", "p<1>&'\"")
    assert first.registrar == "pbx.example.com"
    assert (second.number, second.user_name, second.auth_name, second.password) == (2, "1002", "1002", "zwei ü")
    assert second.registrar == "sip.example.org:5061"
    assert booted.next_url == URL
    assert [(fetch.method, fetch.file) for fetch in asked] == [
        ("GET", f"{MAC}.cfg"),
        ("GET", f"{MAC}-user.cfg"),
        ("GET", f"{MAC}-site.cfg"),
        ("GET", f"{PART_NUMBER}.sip.ld"),
        ("GET", "sip.ld"),
        *AROUND,
    ]
    assert asked[-1].body


def test_credentials_in_flash_are_learnt_too() -> None:
    view = view_of({"credential_storage": "flash"}, line(auth_name="auth"), held=("line.1.password",))

    booted, _ = start(files_of(view, p1="s3cret"))

    (account,) = booted.accounts
    assert (account.user_name, account.auth_name, account.password) == ("1001", "auth", "s3cret")


def test_after_deletion_from_flash_no_file_mentions_a_password() -> None:
    booted, _ = start(files_of(view_of({"credential_storage": "flash"})))

    (account,) = booted.accounts
    assert (account.user_name, account.auth_name, account.password) == ("1001", None, None)


def test_without_a_master_the_phone_asks_for_the_common_one_and_keeps_what_it_has() -> None:
    booted, asked = start({})

    assert booted == Booted()
    assert [(fetch.method, fetch.file) for fetch in asked] == [
        ("GET", f"{MAC}.cfg"),
        ("GET", "000000000000.cfg"),
        *AROUND,
    ]


def test_a_common_master_is_followed_with_its_substitutions() -> None:
    files = files_of(view_of(held=("line.1.password",)), p1="s3cret")
    del files[f"{MAC}.cfg"]
    files["000000000000.cfg"] = (
        b'<APPLICATION APP_FILE_PATH="" CONFIG_FILES="[PHONE_MAC_ADDRESS]-user.cfg,[MACADDRESS]-site.cfg"/>'
    )

    booted, asked = start(files)

    assert [account.password for account in booted.accounts] == ["s3cret"]
    assert [fetch.file for fetch in asked][2:4] == [f"{MAC}-user.cfg", f"{MAC}-site.cfg"]


def test_the_earlier_file_wins() -> None:
    files = {
        f"{MAC}.cfg": b'<APPLICATION CONFIG_FILES="a.cfg, b.cfg"/>',
        "a.cfg": b'<x reg.1.address="first"/>',
        "b.cfg": b'<x reg.1.address="second" reg.1.auth.password="p"/>',
    }

    booted, _ = start(files)

    (account,) = booted.accounts
    assert (account.user_name, account.password) == ("first", "p")


def test_flash_without_its_switch_is_ignored() -> None:
    files = {
        f"{MAC}.cfg": b'<APPLICATION CONFIG_FILES="a.cfg"/>',
        "a.cfg": b'<x device.set="1" device.prov.serverName="https://x.example.com/"/>',
    }

    booted, _ = start(files)

    assert booted.next_url is None


def test_firmware_from_elsewhere_is_not_asked_here() -> None:
    files = files_of(view_of({"firmware_url": "https://fw.example.com/sip.ld"}))

    _, asked = start(files)

    assert not any("sip.ld" in fetch.file for fetch in asked)


def test_every_name_that_is_asked_is_one_of_ours() -> None:
    """What the played phone asks is what the rules know: neither can go its own way."""
    _, asked = start(files_of(view_of()))

    gets = {fetch.file for fetch in asked if fetch.method == "GET"}
    known = {rule.pattern.replace("{mac}", MAC).replace("{part}", PART_NUMBER) for rule in VENDOR.files}
    assert known - gets == {"000000000000.cfg"}  # only after a miss of the phone's own
    assert gets <= known


def test_the_played_phone_names_itself_as_real_ones_do() -> None:
    agent = VENDOR.simulation.user_agent(PHONE)

    assert agent == "FileTransport PolycomVVX-VVX_450-UA/6.4.7.1181 Type/Application"
    assert any(form.pattern.search(agent) for form in VENDOR.agents)
