"""What makes an old base come back to us: the address of its own file, and the name and password it shows there."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.gigaset.old_words import ELEMENT, NUMBER, writer_row


def own_url(view: DeviceView) -> SecretSlot:
    """The URL of the device's own file; naming one keeps the device from trying others first (sheet gigaset 1, H)."""
    return view.provisioning_url.framed(after=f"{view.mac.upper}.xml")


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Write the address, and have the base look there once a day by itself."""
    yield Entry("S_CONFIGFILE_URL", own_url(view), ELEMENT)
    yield Entry("BS_IP_Data.ucB_AUTO_UPDATE_PROFILE", "0x1", NUMBER)


def _write_user(name: str, _at: At) -> Iterator[Entry]:
    yield Entry("S_PROV_USERNAME", name, ELEMENT)


def _write_password(password: SecretSlot, _at: At) -> Iterator[Entry]:
    yield Entry("S_PROV_PASSWORD", password, ELEMENT)


def pointer_rows(section: str) -> tuple[Parameter, ...]:
    """The rows, for one of the old bases."""
    return (
        # Wazo writes it for the N510 without "http://"; that it is good for an N720, and with https, is L.
        writer_row(DEVICE, _write_pointer, section=section, source="wazo_gigaset N510 base.tpl", confidence="L"),
        writer_row("provisioning_user", _write_user, section=section, source="sheet gigaset 5, 7"),
        writer_row("provisioning_password", _write_password, section=section, source="sheet gigaset 5, 7"),
    )
