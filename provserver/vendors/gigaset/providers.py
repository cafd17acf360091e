"""What a base calls a provider: a registrar with its proxies, shared by the accounts that register there."""

from __future__ import annotations

from typing import NamedTuple

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.view import DeviceView

_TLS_PORT, _PORT = 5061, 5060  # RFC 3261 19.1.2
_ALWAYS, _NEVER = "0", "2"  # of the outbound proxy: wazo_gigaset Nx70 and N720 (M); 1 is automatic


class Provider(NamedTuple):
    """Everything that accounts of one provider have in common."""

    registrar: Endpoint
    backup: Endpoint | None
    proxy: Endpoint | None
    expires_s: int


def providers(view: DeviceView) -> dict[Provider, int]:
    """The providers that the lines of *view* need, numbered from 0 in the order of the lines."""
    found: dict[Provider, int] = {}
    for line in view.lines:
        found.setdefault(provider_of(line), len(found))
    return found


def provider_of(line: Line) -> Provider:
    """The provider of one line."""
    return Provider(
        registrar=line.registrar, backup=line.backup_registrar, proxy=line.outbound_proxy, expires_s=line.expires_s
    )


def port(endpoint: Endpoint) -> int:
    """The port, said also where it is the transport's own: a device would keep one that it had before."""
    return endpoint.port or (_TLS_PORT if endpoint.transport is Transport.TLS else _PORT)


def proxy_mode(proxy: Endpoint | None) -> str:
    """Whether everything goes through the outbound proxy, or nothing."""
    return _NEVER if proxy is None else _ALWAYS
