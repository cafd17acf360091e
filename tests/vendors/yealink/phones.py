"""A Yealink to test with: its view, its rendered file read back, and what each setting is expected to write."""

from __future__ import annotations

from collections.abc import Mapping

from provserver.domain.line import Endpoint, Line
from provserver.domain.mac import MacAddress
from provserver.domain.resolve import build_view
from provserver.domain.slot import PROVISIONING_URL
from provserver.domain.view import DeviceView
from provserver.identify import Catalogue
from provserver.render import Renderer, fill
from provserver.secret import Secret
from provserver.vendors import load_vendors
from provserver.vendors.yealink import VENDOR
from provserver.vendors.yealink.boot import read_settings

CATALOGUE = Catalogue(load_vendors())
RENDERER = Renderer()
MAC = MacAddress("805ec0aabbcc")
URL = "https://prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
PBX = Endpoint(host="pbx.example.com")
LINE = Line(number=1, user_name="1001", registrar=PBX)


def view_of(
    values: Mapping[str, str] | None = None,
    *,
    model: str | None = "T54W",
    lines: tuple[Line, ...] = (LINE,),
    held: tuple[str, ...] = (),
) -> DeviceView:
    return build_view(mac=MAC, model=model, lines=lines, settings=values or {}, held=held)


def render(view: DeviceView, secrets: Mapping[str, str] | None = None, *, file: str = "config") -> str:
    known = {field: Secret(text) for field, text in {PROVISIONING_URL: URL, **(secrets or {})}.items()}
    return fill(RENDERER.render(VENDOR, VENDOR.file(file), view), known).decode()


def written(
    values: Mapping[str, str], *, model: str | None = "T54W", lines: tuple[Line, ...] = (LINE,)
) -> dict[str, str]:
    """What the file of a device with *values* says that it does not say without them."""
    return dict(read_settings(render(view_of(values, model=model, lines=lines))).items() - base(model, lines).items())


def base(model: str | None, lines: tuple[Line, ...]) -> dict[str, str]:
    return read_settings(render(view_of(model=model, lines=lines)))


WRITTEN: dict[str, tuple[str, dict[str, str]]] = {
    "timezone": (
        "Europe/London",
        {
            "local_time.time_zone": "0",
            "local_time.time_zone_name": "United Kingdom(London)",
            "local_time.summer_time": "1",
            "local_time.dst_time_type": "1",
            "local_time.start_time": "3/5/7/1",
            "local_time.end_time": "10/5/7/2",
            "local_time.offset_time": "60",
        },
    ),
    "ntp_server": ("ntp.example.com", {"local_time.ntp_server1": "ntp.example.com"}),
    "ntp_server_backup": ("192.0.2.1", {"local_time.ntp_server2": "192.0.2.1"}),
    "time_format": ("24", {"local_time.time_format": "1"}),
    "date_format": ("dmy", {"local_time.date_format": "3"}),
    "language": ("de", {"lang.gui": "German", "lang.wui": "German"}),
    "tone_country": ("gb", {"voice.tone.country": "Great Britain"}),
    "srtp": ("optional", {"account.1.srtp_encryption": "1"}),
    "dtmf": ("info", {"account.1.dtmf.type": "2", "account.1.dtmf.info_type": "1"}),
    "dtmf_payload": ("101", {"account.1.dtmf.dtmf_payload": "101"}),
    "dtmf_info_type": ("event", {"account.1.dtmf.info_type": "3"}),
    "register_retries": ("5", {"account.1.sip_server.1.retry_counts": "5"}),
    "mwi_subscribe": ("on", {"account.1.subscribe_mwi": "1", "account.1.display_mwi.enable": "1"}),
    "stun_server": (
        "stun.example.com",
        {
            "account.1.nat.nat_traversal": "1",
            "static.sip.nat_stun.enable": "1",
            "static.sip.nat_stun.server": "stun.example.com",
        },
    ),
    "ice": ("off", {"static.ice.enable": "0"}),
    "key.27": (
        "blf@2 1002 Front desk",
        {
            "linekey.27.type": "16",
            "linekey.27.line": "2",
            "linekey.27.value": "1002",
            "linekey.27.label": "Front desk",
        },
    ),
    "softkey.2": (
        "dnd - Ruhe",
        {"programablekey.2.type": "5", "programablekey.2.line": "1", "programablekey.2.label": "Ruhe"},
    ),
    "module.2.key.40": (
        "speed_dial 0800123",
        {
            "expansion_module.2.key.40.type": "13",
            "expansion_module.2.key.40.line": "1",
            "expansion_module.2.key.40.value": "0800123",
        },
    ),
    "admin_user": ("boss", {"static.security.user_name.admin": "boss"}),
    "user_user": ("desk", {"static.security.user_name.user": "desk"}),
    "provisioning_user": ("phone", {"static.auto_provision.server.username": "phone"}),
    "vlan_id": (
        "20",
        {"static.network.vlan.internet_port_enable": "1", "static.network.vlan.internet_port_vid": "20"},
    ),
    "vlan_priority": ("5", {"static.network.vlan.internet_port_priority": "5"}),
    "pc_vlan_id": ("30", {"static.network.vlan.pc_port_enable": "1", "static.network.vlan.pc_port_vid": "30"}),
    "pc_vlan_priority": ("0", {"static.network.vlan.pc_port_priority": "0"}),
    "lldp": ("on", {"static.network.lldp.enable": "1"}),
    "vlan_dhcp": ("off", {"static.network.vlan.dhcp_enable": "0"}),
    "vlan_dhcp_option": ("132", {"static.network.vlan.dhcp_option": "132"}),
    "phonebook.3.url": ("https://pb.example.com/", {"remote_phonebook.data.3.url": "https://pb.example.com/"}),
    "phonebook.3.name": ("Company", {"remote_phonebook.data.3.name": "Company"}),
    "ldap.server": ("ldap.example.com", {"ldap.enable": "1", "ldap.host": "ldap.example.com"}),
    "ldap.port": ("636", {"ldap.port": "636"}),
    "ldap.tls": ("starttls", {"ldap.tls_mode": "1"}),
    "ldap.base": ("dc=example", {"ldap.base": "dc=example"}),
    "ldap.user": ("cn=phone", {"ldap.user": "cn=phone"}),
    "ldap.name_filter": ("(cn=%)", {"ldap.name_filter": "(cn=%)"}),
    "ldap.number_filter": ("(tel=%)", {"ldap.number_filter": "(tel=%)"}),
    "ldap.name_attributes": ("cn sn", {"ldap.name_attr": "cn sn"}),
    "ldap.number_attributes": ("tel", {"ldap.numb_attr": "tel"}),
    "ldap.display_name": ("%cn", {"ldap.display_name": "%cn"}),
    "action.boot": ("http://e.example.com/", {"action_url.setup_completed": "http://e.example.com/"}),
    "action.registered": ("http://e.example.com/", {"action_url.registered": "http://e.example.com/"}),
    "action.unregistered": ("http://e.example.com/", {"action_url.unregistered": "http://e.example.com/"}),
    "action.register_failed": ("http://e.example.com/", {"action_url.register_failed": "http://e.example.com/"}),
    "action.incoming": ("http://e.example.com/", {"action_url.incoming_call": "http://e.example.com/"}),
    "action.outgoing": ("http://e.example.com/", {"action_url.outgoing_call": "http://e.example.com/"}),
    "action.established": ("http://e.example.com/", {"action_url.call_established": "http://e.example.com/"}),
    "action.terminated": ("http://e.example.com/", {"action_url.call_terminated": "http://e.example.com/"}),
    "action.missed": ("http://e.example.com/", {"action_url.missed_call": "http://e.example.com/"}),
    "action.off_hook": ("http://e.example.com/", {"action_url.off_hook": "http://e.example.com/"}),
    "action.on_hook": ("http://e.example.com/", {"action_url.on_hook": "http://e.example.com/"}),
    "action.dnd_on": ("http://e.example.com/", {"action_url.dnd_on": "http://e.example.com/"}),
    "action.dnd_off": ("http://e.example.com/", {"action_url.dnd_off": "http://e.example.com/"}),
    "action.forward_on": ("http://e.example.com/", {"action_url.always_fwd_on": "http://e.example.com/"}),
    "action.forward_off": ("http://e.example.com/", {"action_url.always_fwd_off": "http://e.example.com/"}),
    "action_allowed_from": (
        "192.0.2.9",
        {"features.action_uri.enable": "1", "features.action_uri_limit_ip": "192.0.2.9"},
    ),
    "resync_at_boot": ("on", {"static.auto_provision.power_on": "1"}),
    "resync_minutes": (
        "60",
        {"static.auto_provision.repeat.enable": "1", "static.auto_provision.repeat.minutes": "60"},
    ),
    "resync_from": (
        "23:30",
        {
            "static.auto_provision.weekly.enable": "1",
            "static.auto_provision.weekly.dayofweek": "0123456",
            "static.auto_provision.weekly.begin_time": "23:30",
            "static.auto_provision.weekly.end_time": "00:30",
        },
    ),
    "resync_until": (
        "00:15",
        {
            "static.auto_provision.weekly.enable": "1",
            "static.auto_provision.weekly.dayofweek": "0123456",
            "static.auto_provision.weekly.begin_time": "23:15",
            "static.auto_provision.weekly.end_time": "00:15",
        },
    ),
    "discovery_pnp": ("off", {"static.auto_provision.pnp_enable": "0"}),
    "discovery_dhcp": ("off", {"static.auto_provision.dhcp_option.enable": "0"}),
    "discovery_dhcp_options": ("160 66 43 161", {"static.auto_provision.dhcp_option.list_user_options": "160,161"}),
    "notify_reboots": ("on", {"sip.notify_reboot_enable": "1"}),
    "discovery_redirect": ("off", {"static.zero_touch.enable": "0"}),
    "keep_user_changes": (
        "on",
        {"static.auto_provision.custom.protect": "1", "static.auto_provision.custom.sync": "1"},
    ),
    "firmware_url": ("https://fw.example.com/a.rom", {"static.firmware.url": "https://fw.example.com/a.rom"}),
    "trusted_ca_url": (
        "https://fw.example.com/ca.pem",
        {"static.trusted_certificates.url": "https://fw.example.com/ca.pem", "static.security.ca_cert": "2"},
    ),
    "tls_client_certificate": ("custom", {"static.security.dev_cert": "1"}),
    "tls_min_version": ("1.2", {"static.security.default_ssl_method": "5"}),
    "tls_verify": ("on", {"static.security.trust_certificates": "1", "static.security.cn_validation": "1"}),
}

SECRETS: dict[str, dict[str, str]] = {
    "admin_password": {"static.security.user_name.admin": "admin", "static.security.user_password": "admin:s3:cret"},
    "user_password": {"static.security.user_name.user": "user", "static.security.user_password": "user:s3:cret"},
    "var_password": {"static.security.user_name.var": "var", "static.security.user_password": "var:s3:cret"},
    "provisioning_password": {"static.auto_provision.server.password": "s3:cret"},
    "ldap.password": {"ldap.password": "s3:cret"},
}
