"""`ProvRequest`: what a phone, or somebody who says so, asks of us."""

from __future__ import annotations

from typing import NamedTuple


class ProvRequest(NamedTuple):  # one is made for every request; a frozen dataclass takes five times as long
    """
    One request as it arrived, cleaned of bytes that are no text, nothing believed yet.

    *path* is still percent-encoded and starts with ``/``; *query* is what follows ``?`` (empty without one).
    *address* is the client's after trusted proxies have been resolved, in canonical text; *port* its own or 0.
    *legacy*: it came through the listener for old TLS; *tftp*: by TFTP. *certificate* is the client's (DER) as the TLS
    layer or a trusted proxy gave it; whose it is and whether its maker signed it has not been asked yet.
    *hello* is the hash of what the TLS client offers, where the TLS is the server's own.
    *authorization* is the header; *form* the body of a login form, where the path is one that such forms are posted to.
    """

    path: str
    method: str = "GET"
    query: str = ""
    user_agent: str = ""
    address: str = ""
    port: int = 0
    tls_version: str | None = None
    if_none_match: str | None = None
    legacy: bool = False
    certificate: bytes | None = None
    authorization: str = ""
    tftp: bool = False
    form: str = ""
    hello: str = ""
