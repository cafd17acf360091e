"""Passwords that operators keep in files: `read_secret`."""

from __future__ import annotations

from pathlib import Path

from provserver.errors import ConfigurationError
from provserver.secret import Secret

_OTHERS = 0o077  # may group or others do anything with the file?


def read_secret(file: Path | None, *, setting: str, least: int = 1) -> Secret:
    """
    The text in *file* without white space around it, at least *least* characters.

    Raises ConfigurationError, which names *setting*, for a file that is missing or that others can read. Fail closed:
    what needs the secret does not start without it.
    """
    if file is None:
        raise ConfigurationError(f"{setting}: is missing")
    try:
        if file.stat().st_mode & _OTHERS:
            raise ConfigurationError(f"{setting}: {file} can be read by others")
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{setting}: cannot read {file}") from error
    if len(text) < least:
        raise ConfigurationError(f"{setting}: {file} holds less than {least} character{'s' if least > 1 else ''}")
    return Secret(text)
