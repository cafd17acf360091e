"""What a provisioning URL means to a phone: where the files are, on which host, and how much of it may be shown."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

from provserver.errors import InvalidValue

_WHOLE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_UNREADABLE = "<unreadable URL>"
_PORTS = {"http": "80", "https": "443"}  # RFC 9110 4.2


class URLPart(StrEnum):
    """One of the pieces into which some makers' parameters cut a URL."""

    WHOLE = "whole"
    SCHEME = "scheme"  # in capitals, as makers write it who have a parameter for it
    HOST = "host"  # IPv6 addresses in brackets
    PORT = "port"  # the scheme's own where the URL names none
    PATH = "path"  # without the slashes around it
    WITHOUT_SCHEME = "without_scheme"


def part_of(url: str, part: URLPart) -> str:
    """The *part* of *url*; all of it when it is none (the stars that stand for a URL that is not shown)."""
    scheme, separator, rest = url.partition("://")
    if part is URLPart.WHOLE or not separator:
        return url
    address, _, path = rest.partition("/")
    host, colon, port = address.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = address, _PORTS.get(scheme.lower(), "")
    return {
        URLPart.SCHEME: scheme.upper(),
        URLPart.HOST: host,
        URLPart.PORT: port,
        URLPart.PATH: path.strip("/"),
        URLPart.WITHOUT_SCHEME: rest,
    }[part]


def resolve(base_url: str, file: str) -> str:
    """
    Where *file* is: beside the last part of *base_url* if that has a dot, and so is a file; else below it.

    ``?…`` belongs to the provisioning URL itself (RFC 3986 5.4.1), and a whole URL stays as it is.
    """
    if _WHOLE.match(file):
        return file
    base = base_url.partition("#")[0].partition("?")[0]
    _, slashes, path = base.partition("://")[2].partition("/")
    if not slashes or "." not in path.rpartition("/")[2]:  # http://198.51.100.7 has dots, and no file
        base = base.rstrip("/") + "/"
    if file.startswith("?"):
        return base + file
    return urljoin(base, file if file.startswith("/") else f"./{file}")  # "./": fe:ed:….cfg is no scheme "fe"


def shown(base_url: str, file: str) -> str:
    """*file* as it may be shown: as the phone names it, unless it names folders from the root or a whole URL."""
    return masked(resolve(base_url, file)) if _WHOLE.match(file) or file.startswith("/") else file


def is_on(url: str, hosts: Collection[str]) -> bool:
    """Whether *url* is one of http or https on one of *hosts*."""
    try:
        return host_of(url) in hosts
    except InvalidValue:
        return False


def host_of(url: str) -> str:
    """The host of an http or https *url*; InvalidValue, which quotes nothing of it, for any other."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a bad port shows only when it is read
    except ValueError as error:
        raise InvalidValue("url", "is not a URL") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidValue("url", "is not an http or https URL with a host")
    if parts.username is not None:
        raise InvalidValue("url", "carries a user name, which phones keep in a setting of its own")
    return host


def masked(url: str) -> str:
    """*url* as it may be shown: scheme, host, port and the name of a file; what is between may be a token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _UNREADABLE
    if not parts.scheme or not parts.netloc:
        return _UNREADABLE
    folders, _, file = parts.path.strip("/").rpartition("/")
    if "." not in file:  # tokens have no dots
        folders, file = folders or file, ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{'<token>/' if folders else ''}{file}"
