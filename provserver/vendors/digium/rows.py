"""Digium's parameter table: settings of the phone, attributes of accounts and of their hosts; `PARAMETERS`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, Written
from provserver.domain.view import DeviceView

# Places of entries: where each stands in the file. A setting has none.
ACCOUNT, PRIMARY, ALTERNATE, FIRMWARE = "account", "host_primary", "host_alternate", "firmware"
ACCESS = "access"  # the section of what belongs to one device alone

_GUIDE = "Sangoma, Phones - XML Configuration"
_PEERS = "wazo wazo_digium base.tpl; FusionPBX digium"
_SWITCH = {True: "1", False: "0"}
_PORTS = {Transport.UDP: "5060", Transport.TCP: "5060", Transport.TLS: "5061"}
_TRANSPORTS = {Transport.UDP: "udp", Transport.TCP: "tcp", Transport.TLS: "tls"}  # none is known for DNS
_RETRY_S = "25"  # between attempts; wazo and FusionPBX alike
_LOCALES = {"en": "en_US", "fr": "fr_FR", "de": "de_DE", "es": "es_ES", "it": "it_IT", "nl": "nl_NL"}
# 2_8_1_D65_firmware.eff: the element has to name version and model beside the URL.
_IMAGE = re.compile(r"(?P<version>\d+(?:_\d+)+)_(?P<model>D\d\d)_firmware\.eff")
_RAW_ACCOUNT = re.compile(r"account\.([1-9]\d?)\.(\w+)")


def raw_entry(name: str, value: Written) -> Entry:
    """``raw.account.1.dial_plan`` is an attribute of that account; every other name is a setting."""
    found = _RAW_ACCOUNT.fullmatch(name)
    return Entry(found[2], value, ACCOUNT, int(found[1])) if found else Entry(name, value)


def _attribute(name: str, value: Written, at: At, place: str = ACCOUNT) -> Iterator[Entry]:
    if at.line is not None:
        yield Entry(name, value, place, at.line.number)


def _write_account(number: int, at: At) -> Iterator[Entry]:
    """Accounts are counted from 0; the file's own account takes the place of one that the phone has."""
    for name, value in (
        ("index", str(number - 1)),
        ("status", "1"),
        ("register", "1"),
        ("visual_voicemail", "0"),
        ("conflict", "replace"),
    ):
        yield from _attribute(name, value, at)


def _write_primary(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    return _host(PRIMARY, endpoint, at)


def _write_alternate(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    return _host(ALTERNATE, endpoint, at)


def _host(place: str, endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield from _attribute("server", endpoint.host, at, place)
    port = _PORTS.get(endpoint.transport) if endpoint.port is None else str(endpoint.port)
    if port is not None:
        yield from _attribute("port", port, at, place)
    transport = _TRANSPORTS.get(endpoint.transport)
    if transport is not None:
        yield from _attribute("transport", transport, at, place)
    if at.line is not None:
        yield from _attribute("reregister", str(at.line.expires_s), at, place)
    yield from _attribute("retry", _RETRY_S, at, place)
    attempts = at.view.settings.get("register_retries")
    if attempts is not None:
        yield from _attribute("num_retries", str(attempts), at, place)


def _write_outbound(endpoint: Endpoint, at: At) -> Iterator[Entry]:
    yield from _attribute("outbound_proxy", endpoint.host, at)
    port = _PORTS.get(endpoint.transport) if endpoint.port is None else str(endpoint.port)
    if port is not None:
        yield from _attribute("outbound_port", port, at)


def _write_voicemail(number: str, at: At) -> Iterator[Entry]:
    if at.line is not None:
        yield from _attribute("voicemail", f"sip:{number}@{at.line.registrar.uri_host}", at)


def _write_transports(view: DeviceView, _at: At) -> Iterator[Entry]:
    """Allow the transports that lines want, beside UDP."""
    wanted = {line.registrar.transport for line in view.lines}
    if Transport.TCP in wanted:
        yield Entry("transport_tcp_enabled", "1")
    if Transport.TLS in wanted:
        yield Entry("transport_tls_allowed", "1")


def _write_check_sync(_view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("enable_check_sync", "1")


def _write_time_server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("time_source", "ntp")
    yield Entry("ntp_server", host)


def _write_firmware(url: str, _at: At) -> Iterator[Entry]:
    """Nothing for an image whose name does not say version and model: the phone could not know whether it has it."""
    found = _IMAGE.fullmatch(url.rpartition("/")[2])
    if found:
        yield Entry("model", found["model"], FIRMWARE)
        yield Entry("version", found["version"], FIRMWARE)
        yield Entry("url", url, FIRMWARE)


def _write_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("config_server_url", view.provisioning_url)


def _write_keys(_key: object, _at: At) -> Iterator[Entry]:
    """Keys are contacts in a file of their own; the phone is told to show that group on its keys."""
    yield Entry("enable_blf_on_unused_line_keys", "1")
    yield Entry("blf_contact_group", "Default")


def _write_nothing(_value: object, _at: At) -> Iterator[Entry]:
    """Write nothing: the setting shows in another row."""
    return iter(())


def _line(field: str, write: str | Writer, *, source: str = _PEERS) -> Parameter:
    place = ACCOUNT if isinstance(write, str) else ""
    return Parameter(setting=f"line.{field}", write=write, section="line", place=place, source=source, confidence="H")


def _row(
    setting: str,
    write: str | Writer,
    values: dict[bool, str] | dict[str, str] | None = None,
    *,
    section: str = "system",
    source: str = _PEERS,
    mark: Confidence = "H",
) -> Parameter:
    return Parameter(setting=setting, write=write, values=values, section=section, source=source, confidence=mark)


PARAMETERS: tuple[Parameter, ...] = (
    _line("number", _write_account),
    _line("user_name", "account_id"),
    _line("user_name", "username"),
    _line("auth_user", "authname"),
    # Never blank: an account without its password is not served at all (see `VENDOR.after_deletion`).
    _line("password", "password"),
    _line("shown_label", "line_label"),
    _line("shown_name", "caller_id", source="FusionPBX digium"),
    _line("voicemail", _write_voicemail),
    _line("outbound_proxy", _write_outbound, source="FusionPBX digium"),
    _line("registrar", _write_primary),
    _line("backup_registrar", _write_alternate),
    Parameter(setting="mwi_subscribe", write="needMwiSubscription", values=_SWITCH, each_line=True, section="line",
              place=ACCOUNT, source="FusionPBX digium", confidence="M"),
    _row("register_retries", _write_nothing, section="line", source="wazo wazo_digium: num_retries of each host"),
    _row(DEVICE, _write_transports, section="line", source=_GUIDE),
    _row("key.N", _write_keys, section="line"),
    _row("timezone", "time_zone", source=_GUIDE),
    _row("ntp_server", _write_time_server, source=_GUIDE),
    _row("language", "locale", _LOCALES, mark="L"),
    _row("ip_by_dhcp", "network_enable_dhcp", _SWITCH, source="FusionPBX digium", mark="M"),
    _row("vlan_id", "network_vlan_id", source="wazo wazo_digium", mark="M"),
    _row("vlan_priority", "network_vlan_qos", source="wazo wazo_digium", mark="M"),
    _row("lldp", "network_vlan_discovery_mode", {True: "LLDP"}, source="FusionPBX digium", mark="M"),
    _row("tls_verify", "allow_insecure_ssl", {True: "0", False: "1"}, source="FusionPBX digium", mark="M"),
    _row("firmware_url", _write_firmware),
    _row(DEVICE, _write_check_sync, source="FusionPBX digium", mark="M"),
    _row(DEVICE, _write_url, section=ACCESS, source=_GUIDE, mark="M"),
    # An integer, says the guide.
    _row("admin_password", "login_password", section=ACCESS, source=_GUIDE),
)  # fmt: skip
