"""Which network an address of this machine is in: `interface_of`, and `usual_address`."""

from __future__ import annotations

import fcntl
import socket
import struct
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, NetmaskValueError

from provserver.errors import ConfigurationError, InvalidValue

_ADDRESS, _NETMASK = 0x8915, 0x891B  # linux/sockios.h: SIOCGIFADDR, SIOCGIFNETMASK
_NAME_BYTES = 15  # linux/if.h: IFNAMSIZ, less the zero


def interface_of(text: str | None, *, towards: str) -> IPv4Interface:
    """
    Read ``192.0.2.1/24``; None: the address from which this machine would send *towards* another.

    The network of an address without a prefix is what this machine knows of it. Raises InvalidValue for what is no
    address, ConfigurationError where the network cannot be found out.
    """
    if text is not None and "/" in text:
        try:
            return IPv4Interface(text)
        except (AddressValueError, NetmaskValueError) as error:
            raise InvalidValue("interface", f"{text!r} is not an IPv4 address with a prefix") from error
    try:
        address = IPv4Address(text) if text is not None else usual_address(towards)
    except AddressValueError as error:
        raise InvalidValue("interface", f"{text!r} is not an IPv4 address") from error
    mask = _mask_of(address)
    if mask is None:  # fail closed: without its network nobody could be told from strangers
        raise ConfigurationError(f"the network of {address} is not known here; it can be given as {address}/24")
    return IPv4Interface(f"{address}/{mask}")


def usual_address(towards: str) -> IPv4Address:
    """The address from which this machine would send to *towards*; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((towards, 9))  # discard; any port does
        except OSError as error:
            raise ConfigurationError(f"no route to {towards}: {error.strerror or error}") from error
        return IPv4Address(probe.getsockname()[0])


def _mask_of(address: IPv4Address) -> IPv4Address | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:_NAME_BYTES])
            try:
                if IPv4Address(fcntl.ioctl(probe, _ADDRESS, request)[20:24]) == address:
                    return IPv4Address(fcntl.ioctl(probe, _NETMASK, request)[20:24])
            except OSError:  # it has no IPv4 address, or this is no Linux
                continue
    return None
