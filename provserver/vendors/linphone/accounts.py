"""How one line is written as a Linphone account: SIP addresses, and the credentials that go with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from provserver.domain.blank import spelled
from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import At, Entry, Writer, Written
from provserver.vendors.linphone import places

_USER_UNESCAPED = "-_.!~*'()&=+$,;?/"  # RFC 3261 25.1: mark and user-unreserved


def of_account(entry: str, spell: Callable[[Any, Line], str] = lambda value, _line: str(value)) -> Writer:
    """Write *entry* into the section of the line's account; *spell* puts the value into Linphone's words."""

    def write(value: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        assert at.line is not None  # noqa: S101 - rows of a line are written for a line
        yield Entry(entry, spelled(value, spell, at.line), places.account(at))

    return write


def of_auth_info(entry: str, value: Callable[[Line], Written]) -> Writer:
    """
    Write *entry* into the line's credentials, which are there only while the password is held: it is the rows' setting.

    An empty *value* takes back what an earlier file or the client itself has put there.
    """

    def write(_password: Any, at: At) -> Iterator[Entry]:  # noqa: ANN401 - typed values of the catalogue
        assert at.line is not None  # noqa: S101 - rows of a line are written for a line
        yield Entry(entry, value(at.line), places.auth_info(at))

    return write


def write_realm(realm: str, at: At) -> Iterator[Entry]:
    """Write the realm beside the credentials it belongs to; without a password there are none."""
    if at.line is not None and at.line.password is not None:
        yield Entry("realm", realm, places.auth_info(at))


def identity(_user_name: str, line: Line) -> str:
    """Whom callers see: ``"Anna" <sip:1001@pbx.example.com>``."""
    name = f"{_quoted(line.display_name)} " if line.display_name else ""
    return f"{name}<{own_address(line.user_name, line)}>"


def own_address(user: str, line: Line) -> str:
    """The SIP URI of *user* at the line's registrar; a URI stays as it is."""
    if user.startswith(("sip:", "sips:")):
        return user
    return f"sip:{quote(user, safe=_USER_UNESCAPED)}@{line.registrar.uri_host}"


def registrar(endpoint: Endpoint, _line: Line) -> str:
    """Where to register."""
    return f"<sip:{endpoint}{_transport(endpoint)}>"


def route(endpoint: Endpoint, _line: Line) -> str:
    """The outbound proxy, with loose routing: without ``lr`` it would replace the request's own address."""
    return f"<sip:{endpoint}{_transport(endpoint)};lr>"


def _transport(endpoint: Endpoint) -> str:
    """Without the parameter Linphone asks DNS, which is what `Transport.DNS` means."""
    return "" if endpoint.transport is Transport.DNS else f";transport={endpoint.transport.value}"


def _quoted(text: str) -> str:
    """RFC 3261 25.1, quoted-string: backslash and quotation mark are escaped by a backslash."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
