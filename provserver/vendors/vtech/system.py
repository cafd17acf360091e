"""What is set once for a device: time, network, directories, provisioning, access; `SYSTEM_ROWS`."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Written
from provserver.domain.slot import SecretSlot
from provserver.domain.view import DeviceView
from provserver.vendors.vtech.clocks import write_zone
from provserver.vendors.vtech.models import BRANDED, Family, family, file_model, updates_handsets
from provserver.vendors.vtech.rows import ACCESS, BRANDED_TEMPLATES, EXPORT, SHEET, SWITCH, only_for, row
from provserver.vendors.vtech.schedule import write_interval, write_window

_DATES = {"dmy": "DD/MM/YY", "mdy": "MM/DD/YY", "ymd": "YY/MM/DD"}  # the first was seen (H), the others follow it (L)
_LANGUAGES = {"en": "en", "de": "de"}  # what configurations have; "en-GB" on one phone. Others: not known
_LDAP_TLS = {"off": "simple", "ldaps": "ssl"}
_NUMBERS = ("work", "mobile", "other")
_DHCP_PLACES = 3
_BRANDED_BOOKS = 3  # fusionpbx snom/M100KLE
_DESK = frozenset({Family.DESK})


def pointer(view: DeviceView) -> SecretSlot:
    """
    The device's own URL: a file, so that the phone fetches this one and no other (sheet vtech 1, H).

    A phone of no known model gets a name of ours; what ends in .cfg is fetched as it stands.
    """
    return view.provisioning_url.framed(after=f"{file_model(view.model) or 'vtech'}_{view.mac.upper}.cfg")


def _write_pointer(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("provisioning.server_address", pointer(view))


def _write_ntp(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("time_date.ntp_server", "1")
    yield Entry("time_date.ntp_server_addr", host)


def _write_language(word: str, _at: At) -> Iterator[Entry]:
    found = _LANGUAGES.get(word)
    if found:
        yield Entry("user_pref.language", found)
        yield Entry("user_pref.web_language", found)


def _write_vlan(number: int, _at: At) -> Iterator[Entry]:
    yield Entry("network.vlan.wan.enable", "1")
    yield Entry("network.vlan.wan.id", str(number))


def _write_pc_vlan(number: int, at: At) -> Iterator[Entry]:
    if family(at.view.model) is Family.DESK:
        yield Entry("network.vlan.pc.enable", "1")
        yield Entry("network.vlan.pc.id", str(number))


def _write_phonebook(url: str, at: At) -> Iterator[Entry]:
    """Phones of VTech's own name load one phone book into their directory; those of Snom's name ask three."""
    number = at.indices[0]
    if family(at.view.model) not in BRANDED:
        if number == 1:
            yield Entry("file.contact.directory.overwrite", url)
    elif number <= _BRANDED_BOOKS:
        yield Entry(f"remoteDir.xml.{number}.uri", url)


def _write_phonebook_name(name: str, at: At) -> Iterator[Entry]:
    if family(at.view.model) in BRANDED and at.indices[0] <= _BRANDED_BOOKS:
        yield Entry(f"remoteDir.xml.{at.indices[0]}.name", name)


def _write_ldap_server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("remoteDir.ldap_enable", "1")
    yield Entry("remoteDir.ldap_server_address", host)


def _write_name_filter(text: str, _at: At) -> Iterator[Entry]:
    yield Entry("remoteDir.ldap_firstname_filter", text)
    yield Entry("remoteDir.ldap_lastname_filter", text)


def _write_name_attributes(names: str, _at: At) -> Iterator[Entry]:
    """The first and the last of *names*: ``givenName sn``; one alone is the first name's."""
    first, *rest = names.split() or [""]
    yield Entry("remoteDir.ldap_firstname_attribute", first)
    yield Entry("remoteDir.ldap_lastname_attribute", rest[-1] if rest else "")


def _write_number_attributes(names: str, _at: At) -> Iterator[Entry]:
    for kind, name in zip(_NUMBERS, names.split(), strict=False):
        yield Entry(f"remoteDir.ldap_{kind}_number_attributes", name)


def _write_dhcp_options(options: tuple[int, ...], _at: At) -> Iterator[Entry]:
    for place, option in enumerate(options[:_DHCP_PLACES], start=1):
        yield Entry(f"provisioning.dhcp_option_priority_{place}", str(option))


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    yield Entry("provisioning.firmware_url", url)
    yield Entry("provisioning.resync_mode", "config_and_firmware")


def _write_handset_firmware(url: str, at: At) -> Iterator[Entry]:
    """There is one URL for all handsets; the second one of the device has no place."""
    if at.indices[0] == 1 and updates_handsets(at.view.model):
        yield Entry("provisioning.handset_firmware_url", url)


def _write_check_sync(_view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("provisioning.remote_check_sync_enable", "1")


def _write_syslog(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("log.syslog_enable", "1")
    yield Entry("log.syslog_server_address", host)


def _write_key(passphrase: Written, _at: At) -> Iterator[Entry]:
    """The passphrase of the files: the phone keeps it, and from now on takes no other files."""
    yield Entry("provisioning.crypto_enable", "1")
    yield Entry("provisioning.crypto_passphrase", passphrase)


_TIME = (
    row("timezone", write_zone, source=f"{SHEET}; fusionpbx vtech/vcs754", mark="M"),
    row("ntp_server", _write_ntp),
    row("time_format", "time_date.24hr_clock", {"24": "1", "12": "0"}),
    row("date_format", "time_date.date_format", _DATES, mark="M"),
    row("language", _write_language, source=f"{SHEET}; {BRANDED_TEMPLATES}", mark="M"),
)
_NETWORK = (
    row("ip_by_dhcp", "network.ip.dhcp_enable", {True: "1"}, source=EXPORT),  # off is refused without an address (H)
    row("vlan_id", _write_vlan),
    row("vlan_priority", "network.vlan.wan.priority"),
    row("pc_vlan_id", _write_pc_vlan, source=EXPORT),
    row("pc_vlan_priority", only_for(_DESK, "network.vlan.pc.priority"), source=EXPORT),
    row("lldp", "network.lldp_med.enable", SWITCH),
    row("web_https_only", "web.https_enable", SWITCH, mark="M"),
    row("syslog_server", _write_syslog),
)
_DIRECTORY = (
    row("phonebook.N.url", _write_phonebook, source="sheet vtech 1; fusionpbx snom/M100KLE", mark="M"),
    row("phonebook.N.name", _write_phonebook_name, source="fusionpbx snom/M100KLE", mark="M"),
    row("ldap.server", _write_ldap_server),
    row("ldap.port", "remoteDir.ldap_port"),
    row("ldap.tls", "remoteDir.ldap_authentication_type", _LDAP_TLS, source=f"{SHEET}; {BRANDED_TEMPLATES}"),
    row("ldap.base", "remoteDir.ldap_base"),
    row("ldap.user", "remoteDir.ldap_user_name"),
    row("ldap.password", "remoteDir.ldap_access_password", section=ACCESS),
    row("ldap.name_filter", _write_name_filter),
    row("ldap.number_filter", "remoteDir.ldap_number_filter"),
    row("ldap.name_attributes", _write_name_attributes),
    row("ldap.number_attributes", _write_number_attributes),
    row("tls_verify", "remoteDir.ldap_check_certificate", SWITCH),
)
_PROVISIONING = (
    row("tls_verify", "provisioning.check_trusted_certificate", SWITCH),
    row(DEVICE, _write_check_sync, source="sheet vtech 10"),
    row("resync_at_boot", "provisioning.bootup_check_enable", SWITCH),
    row("resync_minutes", write_interval),
    row("resync_from", write_window),
    row("resync_until", write_window),
    row("discovery_pnp", "provisioning.pnp_enable", SWITCH),
    row("discovery_dhcp", "provisioning.dhcp_option_enable", SWITCH),
    row("discovery_dhcp_options", _write_dhcp_options),
    row("firmware_url", _write_firmware),
    row("handset_firmware.N.url", _write_handset_firmware, source=f"sheet vtech 1; {EXPORT}"),
)
_ACCESS = (
    row(DEVICE, _write_pointer, section=ACCESS),
    row("provisioning_user", "provisioning.server_username", section=ACCESS),
    row("provisioning_password", "provisioning.server_access_password", section=ACCESS),
    row("config_key", _write_key, section=ACCESS, source="sheet vtech 8"),
    row("admin_password", "profile.admin.access_password", section=ACCESS),
    row("user_password", "profile.user.access_password", section=ACCESS),
)

SYSTEM_ROWS = (*_TIME, *_NETWORK, *_DIRECTORY, *_PROVISIONING, *_ACCESS)
