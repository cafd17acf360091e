"""The makers that a command works with: `makers_of` the settings, without a data directory."""

from __future__ import annotations

from pathlib import Path

from provserver.local.folder import Makers, load_makers
from provserver.settings import load


def makers_of(config: Path | None) -> Makers:
    """The built-in makers, and those of the folder that *config* or the environment names."""
    return load_makers(load(config).vendors.folder)
