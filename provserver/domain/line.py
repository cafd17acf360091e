"""`Line`: one SIP account of a device, and the `Endpoint` it registers at."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

from provserver.domain.slot import SecretSlot
from provserver.domain.text import check_text
from provserver.errors import InvalidValue

LINE_FIELD = "line."  # a line's password is sealed under the field ``line.<number>.password``
MAX_LINES = 250  # the largest DECT base sold: Yealink W90DM (sheet yealink, H)
EXPIRES_S = 3600  # RFC 3261 10.2.1.1: the usual default of a registration
EXPIRES_RANGE_S = range(30, 86_401)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")  # underscores are no DNS, but registrars have them
_PORT = re.compile(r"[0-9]{1,5}")
_USER = re.compile(r"[^\s<>\"@:;,?&=\\/\x00-\x1f\x7f]+")  # what every maker's SIP stack takes unescaped in a URI


class Transport(StrEnum):
    """How SIP travels. DNS lets the phone ask NAPTR and SRV records."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    DNS = "dns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A registrar or proxy: host name or address, port (None leaves it to the transport's default), transport."""

    host: str
    port: int | None = None
    transport: Transport = Transport.UDP

    def __post_init__(self) -> None:
        if not is_host(self.host):
            raise InvalidValue("registrar", f"{self.host!r} is not a host name or address")
        if self.port is not None and not 1 <= self.port <= 65_535:  # noqa: PLR2004 - 16 bits
            raise InvalidValue("port", f"{self.port} is not between 1 and 65535")

    @classmethod
    @lru_cache(maxsize=4096)  # thousands of devices register at one place
    def parse(cls, text: str, *, transport: Transport = Transport.UDP) -> Self:
        """Read ``host``, ``host:port``, ``[v6]:port``, each optionally with ``;transport=tcp``."""
        address, _, parameters = text.strip().partition(";")
        if parameters:
            name, _, value = parameters.partition("=")
            if name.strip().lower() != "transport" or value.strip().lower() not in set(Transport):
                raise InvalidValue("registrar", f"{parameters!r} is not a transport parameter")
            transport = Transport(value.strip().lower())
        host, port = _split_port(address.strip())
        return cls(host=host, port=port, transport=transport)

    @property
    def uri_host(self) -> str:
        """The host as a URI has it: IPv6 addresses in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        return self.uri_host if self.port is None else f"{self.uri_host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One SIP account of a device.

    *password* is the place of the password, which is kept sealed elsewhere; None when the server holds none (any more).
    *auth_name* None means that the registrar authenticates the user name itself.
    """

    number: int
    user_name: str
    registrar: Endpoint
    label: str | None = None
    display_name: str | None = None
    auth_name: str | None = None
    backup_registrar: Endpoint | None = None
    outbound_proxy: Endpoint | None = None
    expires_s: int = EXPIRES_S
    voicemail: str | None = None
    password: SecretSlot | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MAX_LINES:
            raise InvalidValue("line", f"{self.number} is not between 1 and {MAX_LINES}")
        if not _USER.fullmatch(self.user_name):
            raise InvalidValue("user_name", "is empty or has characters that a SIP URI cannot carry")
        if self.expires_s not in EXPIRES_RANGE_S:
            raise InvalidValue("expires", f"{self.expires_s} s is not between 30 and 86400")
        for field in ("user_name", "label", "display_name", "auth_name", "voicemail"):
            value = getattr(self, field)
            if value is not None:
                check_text(field, value)

    @property
    def auth_user(self) -> str:
        """The name that the digest answer carries."""
        return self.auth_name or self.user_name

    @property
    def shown_name(self) -> str:
        """What a caller sees: the display name, else the user name."""
        return self.display_name or self.user_name

    @property
    def shown_label(self) -> str:
        """What the phone's own screen shows at the line key: the label, else the display name."""
        return self.label or self.shown_name

    @property
    def password_field(self) -> str:
        """The field under which this line's password is sealed."""
        return password_field(self.number)


def password_field(number: int) -> str:
    """The field under which the password of line *number* is sealed."""
    return f"{LINE_FIELD}{number}.password"


def is_host(text: str) -> bool:
    """Whether *text* is an IPv4 or IPv6 address (without brackets) or a host name of at most 253 characters."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        pass
    else:
        return "%" not in text  # a zone index means nothing on another machine
    name = text.removesuffix(".")
    if not 1 <= len(name) <= 253 or name.replace(".", "").isdigit():  # noqa: PLR2004 - RFC 1035 2.3.4
        return False
    return all(_LABEL.fullmatch(label) for label in name.split("."))


def _split_port(address: str) -> tuple[str, int | None]:
    if address.startswith("["):
        host, closed, rest = address[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise InvalidValue("registrar", f"{address!r} is not a host name or address")
        port = rest.removeprefix(":")
    elif address.count(":") > 1:  # a bare IPv6 address
        host, port = address, ""
    else:
        host, _, port = address.partition(":")
    if not port:
        return host, None
    if not _PORT.fullmatch(port):
        raise InvalidValue("port", f"{port!r} is not a number between 1 and 65535")
    return host, int(port)
