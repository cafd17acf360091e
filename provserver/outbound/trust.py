"""Whose certificates are believed on the way out: `trusting`, the system's authorities and the operator's."""

from __future__ import annotations

import ssl
from pathlib import Path

from provserver.errors import ConfigurationError


def trusting(authorities: Path | None, *, setting: str) -> ssl.SSLContext:
    """
    A context that verifies chain and name; *authorities* is a PEM file believed beside the system's own.

    There is no way to verify less. Raises ConfigurationError that names *setting* for a file that cannot be used.
    """
    context = ssl.create_default_context()
    if authorities is not None:
        try:
            context.load_verify_locations(authorities)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"{setting} {authorities}: {error}") from error
    return context
