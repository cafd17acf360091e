"""Which URLs may be called with a secret: `check_endpoint`."""

from __future__ import annotations

import re

from provserver.errors import InvalidValue

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})  # hosts to which no wire leads


def check_endpoint(url: str) -> None:
    """Raise InvalidValue unless *url* is one of https, or of http on this machine: no wire sees it in clear."""
    scheme, separator, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    host = authority.rpartition(":")[0] if not authority.endswith("]") and ":" in authority else authority
    if not separator or not host or "@" in authority or any(character.isspace() for character in url):
        raise InvalidValue("endpoint", "is not an https URL with a host and without a login")
    if scheme == "https" or (scheme == "http" and host.strip("[]") in LOOPBACK):
        return
    raise InvalidValue("endpoint", "is not an https URL; http is for this machine only")
