"""Where and when a device asks again: its own URL, the interval or hour, firmware, and the one phone book."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from provserver.domain.parameters import At, Entry
from provserver.domain.slot import SecretSlot, URLPart
from provserver.domain.view import DeviceView
from provserver.vendors.grandstream.models import Family, family_of, known_name
from provserver.vendors.grandstream.notation import NAMED_ONLY, PHONES, entry

_SHORTEST_MIN = 60  # P193: 60 to 86400 (5256000 on newer firmware)
_VIA = {
    "tftp": ("0", "TFTP"),
    "http": ("1", "HTTP"),
    "https": ("2", "HTTPS"),
    "ftp": ("3", None),  # no word in the list of those who are told by name
    "ftps": ("4", None),
}
_BOOK_VIA = {"http": ("1", "EnabledUseHTTP"), "tftp": ("2", "EnabledUseTFTP"), "https": ("3", "EnabledUseHTTPS")}
# P194 counts in two ways: (minutes, daily). Sheet grandstream 5 for phones, templates ht802 and gxv3275 for the others.
_MODES_OF_PHONES, _MODES_OF_OTHERS = ("1", "2"), ("3", "1")
_OTHERS = frozenset({"GXV3240", "GXV3275"})
_EXTRA_OPTIONS = {150: "1", 160: "2"}  # P8337 takes one of them; 66 and 43 are asked anyway
_NAMED_OPTIONS = (150, 160, 161)


def write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    The device's own URL, which with its token is what proves later requests: scheme and rest apart.

    "Config Server Path" takes no scheme (sheet grandstream 5, H). The names of the files are appended by the device.
    """
    scheme = view.provisioning_url.scheme
    yield from entry(view, "P212", None, scheme(http="1", https="2"))
    yield from entry(view, None, "provisioning.config.protocol", scheme(http="HTTP", https="HTTPS"))
    yield from entry(view, "P237", "provisioning.config.serverPath", view.provisioning_url.only(URLPart.WITHOUT_SCHEME))


def write_interval(minutes: int, at: At) -> Iterator[Entry]:
    """Ask every so many minutes, an hour at least. `write_hour` has the last word: there is one mode."""
    every, _ = _modes(at.view)
    yield from entry(at.view, "P194", "provisioning.auto.mode", every)
    yield from entry(at.view, "P193", "provisioning.auto.minute", str(max(_SHORTEST_MIN, minutes)))


def write_hour(_time: str, at: At) -> Iterator[Entry]:
    """Ask once a day: in the full hour, or at a random moment from there on."""
    wishes = at.view.settings
    begin, end = wishes.get("resync_from"), wishes.get("resync_until")
    _, daily = _modes(at.view)
    yield from entry(at.view, "P194", "provisioning.auto.mode", daily)
    yield from entry(at.view, "P285", "provisioning.auto.hour", _hour(begin if begin is not None else end))
    if begin is not None and end is not None and family_of(at.view) in PHONES:
        yield from entry(at.view, "P8459", "provisioning.auto.endHour", _hour(end))
        yield from entry(at.view, "P8458", None, "1")
        yield from entry(at.view, None, "provisioning.auto.randomTime.enable", "Yes")


def write_extra_options(options: tuple[int, ...], at: At) -> Iterator[Entry]:
    """DHCP options beside 66 and 43: three switches by name, one choice of two as a P-value."""
    if family_of(at.view) in NAMED_ONLY:
        for option in _NAMED_OPTIONS:
            name = f"provisioning.override.dhcp.enableOption{option}"
            yield from entry(at.view, None, name, "Yes" if option in options else "No")
    elif family_of(at.view) is Family.CLASSIC:
        found = next((_EXTRA_OPTIONS[option] for option in options if option in _EXTRA_OPTIONS), "0")
        yield from entry(at.view, "P8337", None, found)


def write_firmware(url: str, at: At) -> Iterator[Entry]:
    """Where firmware is: a folder, whose files have names that the device knows (``gxp2140fw.bin``)."""
    scheme, path = _split(url)
    via = _word(_VIA[scheme], at.view)
    if via is None:
        return
    yield from entry(at.view, "P6767", "provisioning.firmware.protocol", via)
    yield from entry(at.view, "P192", "provisioning.firmware.serverPath", path)


def write_phonebook(url: str | SecretSlot, at: At) -> Iterator[Entry]:
    """The one phone book that is fetched: a folder, since the device appends ``phonebook.xml`` by itself."""
    if at.indices != (1,) or family_of(at.view) not in PHONES:
        return
    if isinstance(url, SecretSlot):  # the folder of the device's own URL
        modes = {scheme: _BOOK_VIA[scheme] for scheme in ("http", "https")}
        numbers = url.scheme(**{scheme: number for scheme, (number, _) in modes.items()})
        yield from entry(at.view, "P330", None, numbers)
        words = url.scheme(**{scheme: word for scheme, (_, word) in modes.items()})
        yield from entry(at.view, None, "phonebook.download.mode", words)
        yield from entry(at.view, "P331", "phonebook.download.server", url.only(URLPart.WITHOUT_SCHEME))
        return
    scheme, path = _split(url)
    if scheme in _BOOK_VIA:
        number, word = _BOOK_VIA[scheme]
        yield from entry(at.view, "P330", None, number)
        yield from entry(at.view, None, "phonebook.download.mode", word)
        yield from entry(at.view, "P331", "phonebook.download.server", path)


def _modes(view: DeviceView) -> tuple[str, str]:
    if family_of(view) is Family.NAMED:
        return "YesUpgradeMin", "YesUpgradeHourOfDay"
    is_other = family_of(view) in (Family.ADAPTER, Family.PORTS) or known_name(view.model) in _OTHERS
    return _MODES_OF_OTHERS if is_other else _MODES_OF_PHONES


def _hour(time: object) -> str:
    return str(int(str(time).partition(":")[0]))


def _word(pair: tuple[str, str | None], view: DeviceView) -> str | None:
    return pair[family_of(view) is Family.NAMED]


def _split(url: str) -> tuple[str, str]:
    """The scheme of *url* and the folder it names, without the file at its end."""
    parts = urlsplit(url)
    folders, slash, file = parts.path.rpartition("/")
    path = f"{folders}{slash}" if "." in file else parts.path
    return parts.scheme.lower(), parts.netloc + path
