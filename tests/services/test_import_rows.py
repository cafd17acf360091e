"""Columns are known by name, cells are read or named as wrong, and no problem holds what stands in a cell."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provserver.domain.catalogue import find_spec
from provserver.domain.line import Endpoint
from provserver.domain.mac import MacAddress
from provserver.errors import ImportRefused, InvalidValue
from provserver.services.fleet.import_columns import KNOWN, Problem, read_columns
from provserver.services.fleet.import_rows import Row, read_rows, without_echo
from provserver.services.sheets import Sheet, SheetRow

HEADER = ("mac", "user_name", "password", "registrar")
GOOD = {"mac": "80:5e:c0:00:00:01", "user_name": "1001", "password": "p", "registrar": "pbx.example.com"}
SETTINGS = ("set:timezone", "set:vlan_id", "set:codecs", "set:srtp", "set:key.3", "set:lldp", "set:resync_from")


def read(**cells: str) -> tuple[list[Row], list[str]]:
    """The row that *cells* make, in row 2, and what is wrong with it."""
    given_cells = {**GOOD, **cells}
    problems: list[Problem] = []
    row = SheetRow(number=2, cells=tuple(given_cells.values()))
    rows = read_rows(Sheet(header=tuple(given_cells), rows=(row,)), problems)
    return rows, [str(problem) for problem in problems]


def test_names_of_columns_are_taken_as_people_write_them() -> None:
    columns = read_columns(("MAC", " User name", "Password ", "REGISTRAR", "Outbound-Proxy", "Set:raw.A.b", ""))

    assert columns.names == (*HEADER, "outbound_proxy", "set:raw.A.b", "")
    assert set(columns.settings) == {"set:raw.A.b"}


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        (("mac", "user_name"), ["password: is missing", "registrar: is missing"]),
        ((*HEADER, "colour"), ["colour: is not known; settings are named set:<setting>"]),
        ((*HEADER, "vlan_id"), ["vlan_id: is not known; settings are named set:<setting>"]),
        ((*HEADER, "set:colour"), ["set:colour: is not a known setting"]),
        ((*HEADER, "mac"), ["mac: is there twice"]),
    ],
)
def test_every_wrong_column_is_named(header: tuple[str, ...], problems: list[str]) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_columns(header)

    assert list(refused.value.problems) == [f"row 1, column {problem}" for problem in problems]


def test_a_file_without_a_header_is_refused_without_quoting_its_first_device() -> None:
    with pytest.raises(ImportRefused) as refused:
        read_columns(("805ec0000001", "1001", "s3cret", "pbx.example.com"))

    (problem,) = refused.value.problems
    assert problem == "row 1: holds no column names; mac, user_name, password, registrar must be there"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"mac": "80:5e:c0:00:00"}, "mac: is not a MAC address"),
        ({"mac": "01:00:5e:00:00:01"}, "mac: is not the address of one device"),
        ({"user_name": ""}, "user_name: is empty or has characters that a SIP URI cannot carry"),
        ({"user_name": "10 01"}, "user_name: is empty or has characters that a SIP URI cannot carry"),
        ({"password": ""}, "password: is empty"),
        ({"password": " p"}, "password: begins or ends with a blank, which phones trim away"),
        ({"password": "%NULL%"}, "password: is a keyword of a maker's file format, not a value"),
        ({"registrar": ""}, "registrar: is empty"),
        ({"registrar": "pbx example"}, "registrar: is not a host name or address"),
        ({"registrar": "pbx:70000"}, "registrar: its port is not between 1 and 65535"),
        ({"registrar": "pbx:sip"}, "registrar: its port is not a number"),
        ({"registrar": "pbx;transport=smoke"}, "registrar: is not a transport parameter"),
        ({"port": "0"}, "port: is not a whole number from 1 to 65535"),
        ({"port": "65536"}, "port: is not a whole number from 1 to 65535"),
        ({"port": "5060.0"}, "port: is not a whole number from 1 to 65535"),
        ({"registrar": "pbx:5060", "port": "5061"}, "port: is another one than the registrar's cell names"),
        ({"transport": "sctp"}, "transport: is not one of udp, tcp, tls, dns"),
        (
            {"registrar": "pbx;transport=tcp", "transport": "tls"},
            "transport: is another one than the registrar's cell names",
        ),
        ({"outbound_proxy": "a b"}, "outbound_proxy: is not a host name or address"),
        ({"backup_registrar": "a b"}, "backup_registrar: is not a host name or address"),
        ({"line": "0"}, "line: is not a whole number from 1 to 250"),
        ({"line": "one"}, "line: is not a whole number from 1 to 250"),
        ({"expires": "5"}, "expires: is not a whole number from 30 to 86400"),
        ({"label": "two\nlines"}, "label: holds a line break or control character"),
        ({"display_name": "a\tb"}, "display_name: holds a line break or control character"),
        ({"auth_name": "a\x01"}, "auth_name: holds a line break or control character"),
        ({"description": "a\nb"}, "description: holds a line break or control character"),
        ({"set:timezone": "Europe/Atlantis"}, "set:timezone: is not a time zone such as Europe/London"),
        ({"set:vlan_id": "5000"}, "set:vlan_id: is not a whole number from 1 to 4094"),
        ({"set:codecs": "g722 g722"}, "set:codecs: is not a list, without repetition"),
        ({"set:key.3": "blink 1002"}, "set:key.3: is not one of none, line, blf"),
        ({"set:admin_password": "a\nb"}, "set:admin_password: holds a line break or control character"),
    ],
)
def test_what_is_wrong_with_a_cell_is_said_with_its_column(cells: dict[str, str], problem: str) -> None:
    rows, problems = read(**cells)

    assert rows == []
    assert len(problems) == 1
    assert problems[0].startswith(f"row 2, column {problem}")


def test_all_wrong_cells_of_a_row_are_named_at_once() -> None:
    _, problems = read(mac="x", user_name="", registrar="?", port="x", password="", label="a\nb")

    columns = {problem.split(":")[0].removeprefix("row 2, column ") for problem in problems}
    assert columns == {"mac", "user_name", "registrar", "port", "password", "label"}


def test_a_cell_beyond_the_last_column_means_that_the_row_has_slipped() -> None:
    """A password with a bare separator in it would move the rest of itself into the next column."""
    problems: list[Problem] = []
    slipped = SheetRow(number=7, cells=("805ec0000001", "1001", "s3", "cret", "pbx.example.com"))

    rows = read_rows(Sheet(header=HEADER, rows=(slipped,)), problems)

    assert rows == []
    assert [str(p) for p in problems] == ["row 7, column 5: has no name in the header, and there is something in it"]


def test_empty_cells_at_the_end_may_be_missing_or_too_many() -> None:
    """Excel leaves out separators at the end of some rows, and adds them to others."""
    problems: list[Problem] = []
    cells = tuple(GOOD.values())
    rows = (SheetRow(number=2, cells=cells), SheetRow(number=3, cells=(*cells, "", "", "")))

    read_ones = read_rows(Sheet(header=(*HEADER, "label", ""), rows=rows), problems)

    assert [row.row for row in read_ones] == [2, 3]
    assert problems == []


def test_a_whole_row_becomes_a_line() -> None:
    (row,), _ = read(
        mac="805E.C000.0001",
        vendor="Yealink",
        line="2",
        label="Desk",
        auth_name="auth",
        display_name="A & B",
        registrar="pbx.example.com",
        port="5061",
        transport="TLS",
        outbound_proxy="sbc.example.com:5062",
        backup_registrar="pbx2.example.com;transport=tcp",
        expires="600",
        voicemail="*97",
        **{"set:vlan_id": "20", "set:admin_password": "a;b"},
    )

    assert row.mac == MacAddress("805ec0000001")
    assert row.about == {"vendor": "yealink"}
    assert row.line is not None
    assert row.password is not None
    assert (row.number, row.line.number) == (2, 2)
    assert str(row.line.registrar) == "pbx.example.com:5061"
    assert [
        str(e and e.transport) for e in (row.line.registrar, row.line.outbound_proxy, row.line.backup_registrar)
    ] == [
        "tls",
        "tls",
        "tcp",
    ]
    assert (row.line.label, row.line.auth_name, row.line.voicemail, row.line.expires_s) == ("Desk", "auth", "*97", 600)
    assert row.password.reveal() == "p"
    assert row.settings == {"vlan_id": "20"}
    assert row.secret_settings["admin_password"].reveal() == "a;b"


@pytest.mark.parametrize("cell", ["", "auto", "AUTO"])
def test_a_mac_may_be_left_to_us(cell: str) -> None:
    (row,), _ = read(mac=cell)

    assert row.mac is None


ANYWHERE = (*KNOWN, *SETTINGS, "set:admin_password", "set:raw.some.parameter")


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=6, max_size=40).map(str.strip).filter(lambda t: len(t) > 5),
    column=st.sampled_from(ANYWHERE),
)
def test_no_problem_holds_what_stands_in_a_cell(secret: str, column: str) -> None:
    """Whoever mixes up two columns must not read passwords in the complaint."""
    _, problems = read(**{column: secret})

    fixed = " ".join(read(**{column: "\n"})[1] + read(**{column: "?"})[1] + list(ANYWHERE))
    assert all(secret not in problem for problem in problems) or secret in fixed


@given(cell=st.text(max_size=30))
def test_an_echo_is_taken_out_of_any_refusal(cell: str) -> None:
    readers: list[Callable[[str], object]] = [MacAddress.parse, Endpoint.parse]
    readers += [find_spec(name.removeprefix("set:")).read for name in SETTINGS]
    for read_cell in readers:
        try:
            read_cell(cell)
        except InvalidValue as error:
            said = without_echo(error.problem, cell)

            assert not cell.strip() or repr(cell) not in said
            assert said
