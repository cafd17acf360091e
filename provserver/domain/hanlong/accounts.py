"""
`Accounts`: which number each parameter of a SIP account has.

There is no rule in these numbers: the first six accounts have grown one by one, from the seventh on they count up.
Older firmware has a server with each account; newer firmware of Htek has profiles beside them, under the very same
numbers. There account n is given profile n, so that one file is right for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provserver.domain.boot import Account
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer
from provserver.domain.view import DeviceView
from provserver.errors import InvalidValue

LINE = "line"  # the section of these rows
_COUNTED_FROM = 7

# sheet htek 5 (M): of accounts 1 to 6, and of account 7 from which on they count up.
_ACCOUNT = {
    "active": (271, 401, 501, 601, 20360, 20361, 24090),
    "profile": (24082, 24083, 24084, 24085, 24086, 24087, 24088),
    "label": (20000, 20001, 20002, 20003, 20378, 20379, 24100),
    "user": (35, 735, 504, 604, 1704, 1804, 24110),
    "auth": (36, 736, 505, 605, 1705, 1805, 24120),
    "password": (34, 734, 506, 606, 1706, 1806, 24130),
    "display": (3, 703, 507, 607, 1707, 1807, 24140),
    "voicemail": (33, 426, 526, 626, 1726, 1826, 24170),
    "pickup": (4705, 4715, 4725, 4735, 20464, 20465, 24220),
}
# Of servers 1 to 4, called Account1 to Account4 in older files: fusionpbx uc926; the first also wazo_htek, sheet 5.
# Of 5 and 6: fusionpbx sangoma s300 to s700.
_SERVER = {
    "server": (47, 747, 502, 602, 20362, 20363),
    "failover": (967, 987, 988, 989, 20364, 20365),
    "outbound": (48, 748, 503, 603, 20370, 20371),
    "transport": (130, 830, 930, 1030, 20374, 20375),
    "register": (31, 731, 510, 610, 20384, 20385),
    "expiry": (32, 732, 512, 612, 20388, 20389),
    "codec": (57, 757, 551, 651, 20392, 20393),  # the first of six
    "dtmf": (20166, 20167, 20168, 20169, 20170, 20171),
    "payload": (79, 779, 579, 679, 20416, 20417),
    "srtp": (183, 443, 543, 643, 20432, 20433),
    "mwi": (99, 709, 515, 615, 1715, 1815),
    "mac": (20053, 20054, 20055, 20056, 20474, 20475),
}
_CODEC_STEPS = (1, 1, 1, 1, 2, 2)  # those of accounts 5 and 6 are interleaved
_TRANSPORTS = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "2", Transport.DNS: "3"}
CODECS = {"pcmu": "0", "pcma": "8", "g722": "9", "g726": "2", "g729": "18", "opus": "120"}
_CODEC_PLACES = 6
_DTMF = {"rfc2833": "0", "inband": "1", "info": "2"}
# 0 stands in every source; 1 and 2 are those of the maker's web page by recollection (L).
_SRTP = {"off": "0", "optional": "1", "mandatory": "2"}
_SWITCH = {True: "1", False: "0"}
_SHEET = "sheet htek 5; wazo_htek base.tpl"
_BOTH = "sheet htek 5; wazo_htek base.tpl; fusionpbx uc926"

Server = tuple[Endpoint, Endpoint | None, Endpoint | None, int]  # registrar, backup, outbound proxy, expiry


def account_number(name: str, account: int) -> str:
    """The parameter *name* of *account*: ``P34``."""
    if account < _COUNTED_FROM:
        return f"P{_ACCOUNT[name][account - 1]}"
    return f"P{_ACCOUNT[name][-1] + account - _COUNTED_FROM}"


def server_number(name: str, server: int) -> str:
    """The parameter *name* of *server*, which is that of an account or a profile."""
    return f"P{_SERVER[name][server - 1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """
    The accounts of one maker's phones: the last *account* and the last *server* whose numbers are known.

    *profiles*: an account says by number which server it has. Accounts beyond the last server need that.
    *codecs* are those that the phones are known to have.
    """

    accounts: int
    servers: int
    profiles: bool
    codecs: frozenset[str] = frozenset(CODECS)

    def server_of(self, line: Line, view: DeviceView) -> int | None:
        """
        The number of the server of *line*: its own, or beyond the last that of an earlier line with the same server.

        None where there is no such line: the numbers of further servers are not known.
        """
        if line.number <= self.servers:
            return line.number
        earlier = (other for other in view.lines if other.number <= self.servers)
        return next((other.number for other in earlier if _server(other) == _server(line)), None)

    def check(self, view: DeviceView) -> None:
        """Refuse lines for which no number is known, by InvalidValue."""
        for line in view.lines:
            if line.number > self.accounts:
                problem = f"{line.number} is beyond {self.accounts}, the last whose parameters are known"
                raise InvalidValue("line", problem)
            if self.server_of(line, view) is None:
                whose = f"of line {line.number} is that of no line from 1 to {self.servers}"
                raise InvalidValue("registrar", f"{whose}, and there is no place for it")

    def read(self, settings: Mapping[str, str]) -> Iterator[Account]:
        """What a phone makes of *settings*, by number: the accounts that are switched on."""
        for number in range(1, self.accounts + 1):
            if settings.get(account_number("active", number)) != "1":
                continue
            own = int(settings.get(account_number("profile", number), "0")) + 1 if self.profiles else number
            server = settings.get(server_number("server", own)) if own <= self.servers else None
            yield Account(
                number=number,
                user_name=settings.get(account_number("user", number), ""),
                password=settings.get(account_number("password", number)),
                auth_name=settings.get(account_number("auth", number)),
                registrar=server.rpartition(":")[0] if server else None,
            )

    def rows(self) -> tuple[Parameter, ...]:
        """The rows of a line, with Htek's sources."""
        return (
            _row("line.number", self._write_account),
            _row("line.shown_label", _account("label")),
            _row("line.user_name", _account("user")),
            _row("line.auth_user", _account("auth")),
            # No slot, no element: an empty one would empty what the phone has (sheet htek 6, M).
            _row("line.password", _account("password")),
            _row("line.shown_name", _account("display")),
            _row("line.voicemail", _account("voicemail")),
            _row("line.registrar", self._write_server),
            _row("blf_pickup_code", _account("pickup"), each=True, source=_SHEET),
            _row("codecs", self._write_codecs, each=True),
            _row("dtmf", self._of_server("dtmf", _DTMF), each=True),
            _row("dtmf_payload", self._of_server("payload"), each=True),
            _row("srtp", self._of_server("srtp", _SRTP), each=True, mark="L"),
            _row("mwi_subscribe", self._of_server("mwi", _SWITCH), each=True),
            _row("mac_in_register", self._of_server("mac", _SWITCH), each=True),
            _row(DEVICE, self._write_unused),
        )

    def _write_account(self, number: int, at: At) -> Iterator[Entry]:
        yield Entry(account_number("active", number), "1")
        server = self.server_of(_line(at), at.view)
        if self.profiles and server is not None and number <= self.accounts:
            yield Entry(account_number("profile", number), str(server - 1))

    def _write_server(self, registrar: Endpoint, at: At) -> Iterator[Entry]:
        """
        Write the server with its ways out. One that the line does not have is emptied, or the phone would keep it.

        A line beyond the last server has an earlier one's.
        """
        line = _line(at)
        if line.number > self.servers:
            return
        yield Entry(server_number("server", line.number), _address(registrar))
        for name, endpoint in (("failover", line.backup_registrar), ("outbound", line.outbound_proxy)):
            yield Entry(server_number(name, line.number), _address(endpoint) if endpoint else "")
        yield Entry(server_number("transport", line.number), _TRANSPORTS[registrar.transport])
        yield Entry(server_number("register", line.number), "1")
        minutes = max(1, line.expires_s // 60)  # whole ones, rather less
        yield Entry(server_number("expiry", line.number), str(minutes))

    def _of_server(self, name: str, values: dict[Any, str] | None = None) -> Writer:
        def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
            word = str(value) if values is None else values.get(value)
            if word is not None and _line(at).number <= self.servers:
                yield Entry(server_number(name, _line(at).number), word)

        return write

    def _write_codecs(self, wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
        """Write the choices in their order. Places that are left keep what they have: an empty one has no word."""
        number = _line(at).number
        if number > self.servers:
            return
        words = [CODECS[codec] for codec in wishes if codec in self.codecs]
        begin, step = _SERVER["codec"][number - 1], _CODEC_STEPS[number - 1]
        for place, word in enumerate(words[:_CODEC_PLACES]):
            yield Entry(f"P{begin + step * place}", word)

    def _write_unused(self, view: DeviceView, _at: At) -> Iterator[Entry]:
        """Switch off the first accounts that have no line: one that was taken away must stop registering."""
        used = {line.number for line in view.lines}
        for number in range(1, self.servers + 1):  # as many as every model's file has
            if used and number not in used:
                yield Entry(account_number("active", number), "0")


def _account(name: str) -> Writer:
    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        yield Entry(account_number(name, _line(at).number), value)

    return write


def _server(line: Line) -> Server:
    """What a line says of its server."""
    return line.registrar, line.backup_registrar, line.outbound_proxy, line.expires_s


def _address(endpoint: Endpoint) -> str:
    """``host:port``; a name that DNS shall resolve to a port of its own has none."""
    if endpoint.transport is Transport.DNS:
        return str(endpoint)
    default = 5061 if endpoint.transport is Transport.TLS else 5060
    return f"{endpoint.uri_host}:{endpoint.port or default}"


def _line(at: At) -> Line:
    if at.line is None:
        msg = "this row is written for lines only"
        raise TypeError(msg)
    return at.line


def _row(setting: str, write: Writer, *, each: bool = False, source: str = _BOTH, mark: Confidence = "M") -> Parameter:
    return Parameter(setting=setting, write=write, each_line=each, section=LINE, source=source, confidence=mark)
