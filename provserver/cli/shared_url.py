"""A URL that is told to every phone of a network, and so to everybody there: `shared_url`."""

from __future__ import annotations

import re

from provserver.domain.provisioning_url import host_of
from provserver.errors import InvalidValue
from provserver.identify import take_apart

MAC_PLACE = "{mac}"
_LIMIT_CHARS = 200  # of an option's 255 bytes; what makers' phones fill in by themselves stands behind it
# What stands in a URL (RFC 3986) and ends no text in any configuration file: no quotes, blanks, commas, semicolons.
_SAFE = re.compile(r"[A-Za-z0-9:/?@\[\]=&%._~+-]*")


def shared_url(text: str, *, with_mac: bool = False) -> str:
    """
    Check *text*; gives it with a slash at its end, unless it has ``{mac}`` in it (*with_mac*: it may).

    Raises InvalidValue for what is no http or https URL, and for one with a token: that is one device's, and whoever
    is told it can ask for that device's files.
    """
    bare = text.replace(MAC_PLACE, "0" * 12) if with_mac else text
    if not _SAFE.fullmatch(bare):
        raise InvalidValue("url", "has characters that a URL, or a configuration file, cannot carry")
    if len(text) > _LIMIT_CHARS:
        raise InvalidValue("url", f"has more than {_LIMIT_CHARS} characters")
    host_of(bare)
    path = "/" + bare.partition("://")[2].partition("/")[2].partition("?")[0]
    # fail closed: the token may stand behind a folder that a proxy takes away
    folders = path.split("/")[1:]
    for place in range(len(folders)):
        asked = take_apart("/" + "/".join(folders[place:]))
        if asked is not None and asked.token is not None:
            raise InvalidValue("url", "carries a token, which is one device's alone")
    return text if bare != text or text.endswith("/") else f"{text}/"
