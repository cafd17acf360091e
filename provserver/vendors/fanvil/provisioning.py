"""Where and when a device asks again, and where its firmware is: the groups ``ap`` and ``fwCheck``."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import At, Entry, Written
from provserver.domain.slot import URLPart
from provserver.domain.view import DeviceView
from provserver.vendors.fanvil.dialects import put

_HOUR_MIN = 60
_AT_START, _EVERY_HOURS, _NEVER = "1", "2", "0"
_AP, _LEGACY_AP = "ap", "AUTOUPDATE_CONFIG_MODULE"
_USUAL_OPTION = "66"
_IMAGES = (".z", ".zip")


def write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    The device's own URL, which with its token is what proves later requests: host, path and protocol apart.

    The path holds the name of the file, with ``$mac`` for the device to fill in: so no slash is added between them.
    Source: sheet fanvil 5 and 9 (falconieri registers devices in just these three parts, H).
    """
    url = view.provisioning_url
    yield from _ap(view, "FlashServerIP", "Download_Server_IP", url.only(URLPart.AUTHORITY))
    yield from _ap(view, "FlashFileName", "Config_File_Name", url.only(URLPart.PATH).framed(after="/$mac.cfg"))
    yield from _ap(view, "FlashProtocol", "Download_Protocol", url.scheme(http="4", https="5"))
    yield from _ap(view, "FlashMode", "Download_Mode", _AT_START)
    yield from _ap(view, "DownloadCommonConf", "Download_CommonConf", "0")  # we serve none


def write_clear_text(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Say that passwords in this file are in clear (sheet fanvil 4, H), and that it counts whenever it is another."""
    yield from put(view, "mt/AutoServerDigest", None, "1")  # else only a file with a higher version counts
    yield from put(view, "sip/SIPPswdEncryption", "SIP_CONFIG_MODULE/SIP_Pswd_Encryption", "0")
    yield from put(view, "phone/AllPswdEncryption", "GLOBAL_CONFIG_MODULE/All_Pswd_Encryption", "0")
    yield from _ap(view, "APPswdEncryption", "AP_Pswd_Encryption", "0")


def write_at_start(wanted: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a writer takes the setting's value
    """Ask at every start, or never. An interval, which later rows write, has the last word."""
    yield from _ap(at.view, "FlashMode", "Download_Mode", _AT_START if wanted else _NEVER)


def write_interval(minutes: int, at: At) -> Iterator[Entry]:
    """Ask every so many hours, an hour at least."""
    yield from _ap(at.view, "FlashMode", "Download_Mode", _EVERY_HOURS)
    yield from _ap(at.view, "FlashInterval", "Download_Interval", str(-(-minutes // _HOUR_MIN)))


def write_dhcp(_value: object, at: At) -> Iterator[Entry]:
    """The one DHCP option that is looked at: the first wish, else 66; 0 is none."""
    options = at.view.settings.get("discovery_dhcp_options")
    first = str(options[0]) if isinstance(options, tuple) else _USUAL_OPTION
    option = "0" if at.view.settings.get("discovery_dhcp") is False else first
    yield from put(at.view, "ap/opt/DHCPOption", f"{_LEGACY_AP}/DHCP_Option", option)


def write_firmware(url: str, at: At) -> Iterator[Entry]:
    """
    Write the folder in which newer phones look for a description of the image; older ones take the image itself.

    The description is called ``fanvil_x5u_v2_hwv2_0.txt`` and names version and address (sheet fanvil 1, M).
    """
    name = url.rpartition("/")[2]
    folder = url.removesuffix(f"/{name}") if "." in name and url.count("/") > len("//") else url
    for path, value in (("EnableAutoUpgrade", "1"), ("UpgradeServer1", folder.removesuffix("/"))):
        yield from put(at.view, f"fwCheck/{path}", None, value)
    if name.endswith(_IMAGES):
        yield from put(at.view, None, f"{_LEGACY_AP}/Auto_Image_URL", url)


def _ap(view: DeviceView, modern: str, legacy: str, value: Written) -> Iterator[Entry]:
    yield from put(view, f"{_AP}/{modern}", f"{_LEGACY_AP}/{legacy}", value)
