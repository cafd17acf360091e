"""
Where an entry stands: Linphone's configuration is an ini file, and the XML names its sections.

Sections of accounts and of credentials are counted from 0 without gaps: the client reads ``proxy_0``, ``proxy_1`` …
until one is missing, and ``auth_info_0`` … likewise (liblinphone 5.1.65, coreapi/linphonecore.c).
"""

from __future__ import annotations

import re

from provserver.domain.parameters import At, Entry, Written
from provserver.errors import InvalidValue

_RAW = re.compile(r"(?P<section>[A-Za-z][A-Za-z0-9_.-]*)/(?P<entry>[A-Za-z][A-Za-z0-9_.-]*)")
_OURS = ("misc", "config-uri")


def account(at: At) -> str:
    """The section of the line's account: counted from 0, whatever the lines' own numbers are."""
    assert at.line is not None  # noqa: S101 - rows of a line are written for a line
    return f"proxy_{at.view.lines.index(at.line)}"


def auth_info(at: At) -> str:
    """
    The section of the line's credentials, counted over the lines that have a password: it must leave no gap either.

    User name and domain say whose they are, not the number.
    """
    held = [line for line in at.view.lines if line.password is not None]
    assert at.line is not None  # noqa: S101 - rows of a line are written for a line
    return f"auth_info_{held.index(at.line)}"


def place_raw(name: str, value: Written) -> Entry:
    """
    Place the raw parameter *name*, written ``section/entry`` (``sip/root_ca``).

    Raises InvalidValue for any other name, and for the URL to ask next time: an artefact with credentials always
    points the client at its own.
    """
    found = _RAW.fullmatch(name)
    if found is None:
        raise InvalidValue(
            f"raw.{name}", "is not a section and an entry of Linphone's configuration, as in sip/root_ca"
        )
    if (found["section"], found["entry"]) == _OURS:
        raise InvalidValue(f"raw.{name}", "is always the device's own provisioning URL")
    return Entry(found["entry"], value, found["section"])
