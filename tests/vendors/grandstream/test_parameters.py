"""What each setting becomes, in both notations, and what the devices without a screen are told of it."""

from __future__ import annotations

import pytest

from provserver.domain.catalogue import SPECS
from provserver.errors import InvalidValue
from provserver.vendors.grandstream import VENDOR
from tests.vendors.grandstream.device import ADAPTER, BASE, CLASSIC, EACH, NAMED, PORTS, told, view_of, written

EVENT_URL = "http://e.example.com/?a=1&b=2"
_ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
# Setting: text, what it writes as P-values (GXP2120), what by name (GXP2170).
WRITTEN: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "timezone": (
        "Europe/Berlin",
        {"P64": "customize", "P246": _ZONE, "P143": "0"},
        {
            "dateTime.timezone": "customize",
            "dateTime.timezone.custom": _ZONE,
            "dateTime.override.dhcp.allowOption2": "No",
        },
    ),
    "ntp_server": ("ntp.example.com", {"P30": "ntp.example.com"}, {"dateTime.ntp.server.1": "ntp.example.com"}),
    "ntp_server_backup": ("192.0.2.1", {}, {"dateTime.ntp.server.2": "192.0.2.1"}),
    "time_format": ("24", {"P122": "1"}, {"dateTime.format.time": "24Hour"}),
    "date_format": ("dmy", {"P102": "2"}, {"dateTime.format.date": "dd-mm-yyyy"}),
    "language": ("cs", {"P1362": "cz"}, {"language.gui": "cz"}),
    "codecs": (
        "g722 opus pcma",
        {"P57": "9", "P58": "8", "P59": "8", "P60": "8", "P61": "8", "P62": "8", "P46": "8"},
        {
            "account.1.codec.choice.1": "G.722",
            "account.1.codec.choice.2": "OPUS",
            **{f"account.1.codec.choice.{place}": "PCMA" for place in range(3, 9)},
        },
    ),
    "srtp": ("mandatory", {"P183": "2"}, {"account.1.audio.srtpMode": "EnabledAndForced"}),
    "dtmf": (
        "rfc2833_info",
        {"P2301": "0", "P2302": "1", "P2303": "1"},
        {"account.1.dtmf.sendInAudio": "No", "account.1.dtmf.sendInRtp": "Yes", "account.1.dtmf.sendInSip": "Yes"},
    ),
    "dtmf_payload": ("101", {"P79": "101"}, {"account.1.codec.payloadType.dtmf": "101"}),
    "mwi_subscribe": ("on", {"P99": "1"}, {"account.1.sip.subscribe.forMwi": "Yes"}),
    "stun_server": (
        "stun.example.com",
        {"P76": "stun.example.com", "P52": "1"},
        {"network.stunServer": "stun.example.com", "account.1.network.natTraversal": "STUN"},
    ),
    "presence_publish": ("on", {}, {"account.1.sip.publishForPresence": "Yes"}),
    "mac_in_register": ("on", {}, {"account.1.sip.header.macHeader": "RegisterOnly"}),
    "blf_pickup_code": ("**", {"P1347": "**"}, {"account.1.sip.blf.callPickup.prefix": "**"}),
    "key.2": (
        "blf@2 1002 Front desk",
        {"P1365": "11", "P1366": "1", "P1467": "Front desk", "P1468": "1002"},
        {
            "pks.vpk.2.keyMode": "BLF",
            "pks.vpk.2.account": "1",
            "pks.vpk.2.description": "Front desk",
            "pks.vpk.2.value": "1002",
        },
    ),
    "softkey.1": (
        "speed_dial 0800123 Support",
        {},
        {
            "pks.softkey.1.keyMode": "SpeedDial",
            "pks.softkey.1.account": "0",
            "pks.softkey.1.description": "Support",
            "pks.softkey.1.value": "0800123",
        },
    ),
    "module.2.key.3": (
        "blf 1003",
        {},
        {
            "pks.ext.43.keyMode": "BLF",
            "pks.ext.43.account": "Account1",
            "pks.ext.43.description": "",
            "pks.ext.43.value": "1003",
        },
    ),
    "ip_by_dhcp": ("on", {"P8": "0"}, {"network.port.eth.1.type": "DHCP"}),
    "vlan_id": ("20", {"P51": "20"}, {"network.port.eth.1.vlan.enable": "Yes", "network.port.eth.1.vlan.tag": "20"}),
    "vlan_priority": ("5", {"P87": "5"}, {"network.port.eth.1.vlan.priority": "5"}),
    "pc_vlan_id": ("30", {"P229": "30"}, {"network.port.pc.vlan.tag": "30"}),
    "pc_vlan_priority": ("1", {"P230": "1"}, {"network.port.pc.vlan.priority": "1"}),
    "lldp": ("off", {"P1684": "0"}, {"network.lldp.enable": "No"}),
    "cdp": ("off", {}, {"network.cdp": "No"}),
    "vlan_dhcp": ("on", {"P8300": "1"}, {"network.dhcp.enableVlan": "Yes"}),
    "phonebook.1.url": (
        "https://books.example.com/sales/phonebook.xml",
        {"P330": "3", "P331": "books.example.com/sales/"},
        {"phonebook.download.mode": "EnabledUseHTTPS", "phonebook.download.server": "books.example.com/sales/"},
    ),
    "ldap.server": ("ldap.example.com", {"P8020": "ldap.example.com"}, {"ldap.server": "ldap.example.com"}),
    "ldap.port": ("636", {"P8021": "636"}, {"ldap.port": "636"}),
    "ldap.tls": ("ldaps", {"P8037": "1"}, {"ldap.protocol": "LDAPS"}),
    "ldap.base": ("dc=example", {"P8022": "dc=example"}, {"ldap.base": "dc=example"}),
    "ldap.user": ("cn=phone", {"P8023": "cn=phone"}, {"ldap.username": "cn=phone"}),
    "ldap.name_filter": ("(cn=%)", {"P8026": "(cn=%)"}, {"ldap.ldapNameFilter": "(cn=%)"}),
    "ldap.number_filter": ("(tel=%)", {"P8025": "(tel=%)"}, {"ldap.ldapNumberFilter": "(tel=%)"}),
    "ldap.name_attributes": ("cn sn", {"P8028": "cn sn"}, {"ldap.ldapNameAttributes": "cn sn"}),
    "ldap.number_attributes": ("tel", {"P8029": "tel"}, {"ldap.ldapNumberAttributes": "tel"}),
    "ldap.display_name": ("%cn", {"P8030": "%cn"}, {"ldap.ldapDisplayName": "%cn"}),
    "action.boot": (EVENT_URL, {"P8304": EVENT_URL}, {"ons.actionUrl.setupCompleted": EVENT_URL}),
    "action.registered": (EVENT_URL, {"P8305": EVENT_URL}, {"ons.actionUrl.registered": EVENT_URL}),
    "action.unregistered": (EVENT_URL, {"P8306": EVENT_URL}, {"ons.actionUrl.unregistered": EVENT_URL}),
    "action.off_hook": (EVENT_URL, {"P8308": EVENT_URL}, {"ons.actionUrl.offHook": EVENT_URL}),
    "action.on_hook": (EVENT_URL, {"P8309": EVENT_URL}, {"ons.actionUrl.onHook": EVENT_URL}),
    "action.incoming": (EVENT_URL, {"P8310": EVENT_URL}, {"ons.actionUrl.incomingCall": EVENT_URL}),
    "action.outgoing": (EVENT_URL, {"P8311": EVENT_URL}, {"ons.actionUrl.outgoingCall": EVENT_URL}),
    "action.missed": (EVENT_URL, {"P8312": EVENT_URL}, {"ons.actionUrl.missedCall": EVENT_URL}),
    "action.established": (EVENT_URL, {"P8313": EVENT_URL}, {"ons.actionUrl.establishedCall": EVENT_URL}),
    "action.terminated": (EVENT_URL, {"P8314": EVENT_URL}, {"ons.actionUrl.terminatedCall": EVENT_URL}),
    "action.dnd_on": (EVENT_URL, {"P8316": EVENT_URL}, {"ons.actionUrl.openDnd": EVENT_URL}),
    "action.dnd_off": (EVENT_URL, {"P8317": EVENT_URL}, {"ons.actionUrl.closedDnd": EVENT_URL}),
    "action.forward_on": (EVENT_URL, {"P8318": EVENT_URL}, {"ons.actionUrl.openForward": EVENT_URL}),
    "action.forward_off": (EVENT_URL, {"P8319": EVENT_URL}, {"ons.actionUrl.closedForward": EVENT_URL}),
    "resync_minutes": (
        "90",
        {"P194": "1", "P193": "90"},
        {"provisioning.auto.mode": "YesUpgradeMin", "provisioning.auto.minute": "90"},
    ),
    "resync_from": (
        "02:30",
        {"P194": "2", "P285": "2"},
        {"provisioning.auto.mode": "YesUpgradeHourOfDay", "provisioning.auto.hour": "2"},
    ),
    "resync_until": (
        "05:00",
        {"P194": "2", "P285": "5"},
        {"provisioning.auto.mode": "YesUpgradeHourOfDay", "provisioning.auto.hour": "5"},
    ),
    "discovery_dhcp": ("off", {"P145": "0"}, {"provisioning.override.dhcp.allowCommonOptions": "No"}),
    "discovery_dhcp_options": (
        "160 43",
        {"P8337": "2"},
        {
            "provisioning.override.dhcp.enableOption150": "No",
            "provisioning.override.dhcp.enableOption160": "Yes",
            "provisioning.override.dhcp.enableOption161": "No",
        },
    ),
    "discovery_pnp": ("off", {"P1414": "0"}, {"provisioning.3cxAutoProvision": "No"}),
    "web_https_only": ("on", {"P1650": "0"}, {"security.webAccessMode": "HTTPS"}),
    "firmware_url": (
        "https://fw.example.com/gs/gxp2170fw.bin",
        {"P6767": "2", "P192": "fw.example.com/gs/"},
        {"provisioning.firmware.protocol": "HTTPS", "provisioning.firmware.serverPath": "fw.example.com/gs/"},
    ),
    "tls_verify": (
        "on",
        {"P8463": "1", "P22030": "1"},
        {"security.validate.serverCertificate": "Yes", "provisioning.validateHostnameInCertificate": "Yes"},
    ),
    "tls_min_version": ("1.2", {"P22293": "TLS_1_2"}, {"security.minimum.TLS.version": "TLS_1_2"}),
    "provisioning_user": ("phone", {"P1360": "phone"}, {"provisioning.config.username": "phone"}),
}
SECRETS = {
    "admin_password": ("P2", "users.admin.password"),
    "user_password": ("P196", "users.user.password"),
    "provisioning_password": ("P1361", "provisioning.config.password"),
    "ldap.password": ("P8024", "ldap.password"),
    "config_key": ("P1359", None),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_writes_its_parameters_in_both_notations_and_nothing_else(name: str) -> None:
    text, numbered, named = WRITTEN[name]

    assert written({name: text}, model=CLASSIC) == numbered
    assert written({name: text}, model=NAMED) == named


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_writes_its_parameter_and_nothing_else(name: str) -> None:
    for model, parameter in zip((CLASSIC, NAMED), SECRETS[name], strict=True):
        with_it = told(view_of(held=[f"setting.{name}"], model=model), {f"setting.{name}": "s3<cret"})

        expected = {parameter: "s3<cret"} if parameter else {}
        assert dict(with_it.items() - told(view_of(model=model)).items()) == expected


def test_the_tables_here_name_every_setting_that_is_supported() -> None:
    named = {".".join("N" if part.isdecimal() else part for part in name.split(".")) for name in WRITTEN}

    assert {spec.name for spec in SPECS if VENDOR.supports(spec.name)} == named | set(SECRETS)


@pytest.mark.parametrize(
    ("settings", "numbered"),
    [
        ({"srtp": "off"}, {"P183": "0"}),
        ({"srtp": "optional"}, {"P183": "1"}),
        ({"srtp": "zrtp"}, {}),
        ({"srtp": "dtls"}, {}),
        ({"codecs": "opus speex"}, {}),
        ({"language": "fi"}, {}),
        ({"ldap.tls": "starttls"}, {}),
        ({"tls_min_version": "1.3"}, {}),
        ({"ip_by_dhcp": "off"}, {}),
        ({"resync_minutes": "5"}, {"P194": "1", "P193": "60"}),
        ({"resync_minutes": "90", "resync_from": "23:15"}, {"P194": "2", "P193": "90", "P285": "23"}),
        ({"resync_from": "01:00", "resync_until": "04:59"}, {"P194": "2", "P285": "1", "P8459": "4", "P8458": "1"}),
        ({"discovery_dhcp_options": "66 43"}, {"P8337": "0"}),
        ({"discovery_dhcp_options": "150 160"}, {"P8337": "1"}),
        ({"phonebook.2.url": "https://books.example.com/"}, {}),
        ({"phonebook.1.url": "ftp://books.example.com/"}, {}),
        ({"phonebook.1.url": "http://books.example.com/sales"}, {"P330": "1", "P331": "books.example.com/sales"}),
        ({"firmware_url": "ftps://fw.example.com"}, {"P6767": "4", "P192": "fw.example.com"}),
        ({"raw.P8375": "0"}, {"P8375": "0"}),
        ({"raw.P30": "a", "ntp_server": "b"}, {"P30": "a"}),
        ({"raw.language.gui": "de"}, {}),
    ],
)
def test_a_word_is_translated_or_nothing_is_written(settings: dict[str, str], numbered: dict[str, str]) -> None:
    assert written(settings, model=CLASSIC) == numbered


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"firmware_url": "ftp://fw.example.com/"}, {}),
        ({"raw.P8375": "0"}, {}),
        ({"raw.provisioning.firmware.confirm.enable": "No"}, {"provisioning.firmware.confirm.enable": "No"}),
        (
            {"resync_from": "01:00", "resync_until": "04:00"},
            {
                "provisioning.auto.mode": "YesUpgradeHourOfDay",
                "provisioning.auto.hour": "1",
                "provisioning.auto.endHour": "4",
                "provisioning.auto.randomTime.enable": "Yes",
            },
        ),
    ],
)
def test_devices_told_by_name_have_their_own_words(settings: dict[str, str], named: dict[str, str]) -> None:
    assert written(settings, model=NAMED) == named


@pytest.mark.parametrize(
    ("model", "settings", "numbered"),
    [
        (ADAPTER, {"resync_minutes": "90"}, {"P194": "3", "P193": "90"}),
        (ADAPTER, {"resync_from": "02:00"}, {"P194": "1", "P285": "2"}),
        (PORTS, {"resync_from": "02:00", "resync_until": "03:00"}, {"P194": "1", "P285": "2"}),
        ("GXV3275", {"resync_minutes": "90"}, {"P194": "3", "P193": "90"}),
        (BASE, {"resync_minutes": "90"}, {"P194": "1", "P193": "90"}),
        (ADAPTER, {"language": "es"}, {"P342": "10"}),
        (ADAPTER, {"language": "de"}, {}),
        (BASE, {"language": "de"}, {}),
        ("WP820", {"language": "de"}, {}),
        ("WP820", {"date_format": "dmy"}, {"P102": "3"}),
        (ADAPTER, {"dtmf": "info"}, {"P850": "102", "P851": "102", "P852": "102"}),
        (ADAPTER, {"dtmf": "rfc2833_info"}, {"P850": "101", "P851": "102", "P852": "102"}),
        (BASE, {"dtmf": "inband"}, {"P850": "100", "P851": "100", "P852": "100"}),
        (ADAPTER, {"mwi_subscribe": "off"}, {"P99": "0"}),
        (BASE, {"mwi_subscribe": "off"}, {}),
        (ADAPTER, {"tls_verify": "on"}, {"P8463": "1"}),
        (ADAPTER, {"time_format": "24", "pc_vlan_id": "3", "action.boot": EVENT_URL, "key.1": "line"}, {}),
    ],
)
def test_other_families_are_told_what_they_know(model: str, settings: dict[str, str], numbered: dict[str, str]) -> None:
    assert written(settings, model=model) == numbered


@pytest.mark.parametrize(
    ("model", "first"),
    [
        (CLASSIC, ["9", "8", "0", "18", "2", "98", "98"]),
        (ADAPTER, ["123", "8", "0", "18", "2", "97", "97"]),
        (PORTS, ["123", "9", "8", "0", "18", "2", "97"]),
        ("HT704", ["123", "8", "0", "18", "2", "97", "97"]),
        (BASE, ["9", "8", "0", "18", "104", "98", "98"]),
    ],
)
def test_codecs_have_numbers_of_the_family_and_the_last_fills_the_list(model: str, first: list[str]) -> None:
    found = written({"codecs": "opus g722 pcma pcmu g729 g726 ilbc speex"}, model=model)

    assert [found.get(f"P{number}") for number in (57, 58, 59, 60, 61, 62, 46)] == first


@pytest.mark.parametrize("model", EACH)
def test_every_file_leads_the_device_back_to_its_own_url(model: str) -> None:
    found = told(view_of(model=model))

    numbered = (found.get("P212"), found.get("P237"))
    named = (found.get("provisioning.config.protocol"), found.get("provisioning.config.serverPath"))
    path = "prov.example.net/QUJDREVGR0hJSktMTU5PUFFS/"
    assert (numbered, named) == (((None, None), ("HTTPS", path)) if model == NAMED else (("2", path), (None, None)))


@pytest.mark.parametrize("model", EACH)
def test_a_device_cannot_be_reset_by_a_sip_message_because_of_us(model: str) -> None:
    """What phones call "Allow SIP Reset" is one to factory values, as adapters call it. Nobody but a person sets it."""
    found = told(view_of(model=model))

    assert not {name for name in found if name.startswith("P26") or "allowSipReset" in name or name == "P4428"}


@pytest.mark.parametrize(
    ("model", "name", "problem"),
    [
        (CLASSIC, "P237", "address of this server"),
        (NAMED, "provisioning.config.serverPath", "address of this server"),
        (CLASSIC, "P34", "password"),
        (ADAPTER, "P4120", "password"),
        (CLASSIC, "language.gui", "notation"),
        (NAMED, "P1362", "notation"),
        (CLASSIC, "p30", "neither"),
        (CLASSIC, "P030", "neither"),
        (NAMED, "timezone", "neither"),
        (NAMED, "sip/root_ca", "neither"),
    ],
)
def test_a_raw_name_that_means_nothing_or_harm_is_refused_and_left_out(model: str, name: str, problem: str) -> None:
    view = view_of({f"raw.{name}": "x"}, model=model)
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=problem) as refused:
        VENDOR.check(view)

    assert refused.value.field == f"raw.{name}"
    assert told(view) == told(view_of(model=model))


def test_a_raw_name_that_sounds_like_a_password_is_sealed_and_written() -> None:
    view = view_of(held=["setting.raw.network.openvpn.clientKey.password"])
    assert VENDOR.check is not None

    VENDOR.check(view)

    assert "network.openvpn.clientKey.password" in told(view)


@pytest.mark.parametrize("key", ["blf " + "1" * 65, "blf 1 " + "L" * 33])
def test_a_key_longer_than_the_phone_takes_is_refused(key: str) -> None:
    assert VENDOR.check is not None

    with pytest.raises(InvalidValue, match=r"key\.1"):
        VENDOR.check(view_of({"key.1": key}))

    VENDOR.check(view_of({"key.1": "blf " + "1" * 64 + " " + "L" * 32}))
