"""Kinds of values that settings have, as TOML and the environment write them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

Port = Annotated[int, Field(ge=0, le=65_535)]
Network = IPv4Network | IPv6Network


class Section(BaseModel):
    """One concern: one table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _words(value: object) -> object:
    """A list in one variable of the environment: words, with blanks or commas between."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


def _networks(value: object) -> object:
    value = _words(value)
    return [ip_network(part) for part in value] if isinstance(value, list | tuple) else value


def base_url(url: str) -> str:
    """A URL to which paths are added; ValueError for what is none."""
    if not url.startswith(("http://", "https://")) or "?" in url or " " in url:
        msg = "must be an http or https URL"
        raise ValueError(msg)
    return url.rstrip("/")


# NoDecode: words in the environment, not JSON.
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_words)]
