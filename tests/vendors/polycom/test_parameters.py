"""Every setting arrives under the names that the makers' guides have, in the right file, and once."""

from __future__ import annotations

import pytest

from provserver.domain.catalogue import find_spec
from provserver.domain.line import Endpoint
from provserver.domain.parameters import DEVICE, LINE
from provserver.domain.vendor import AfterDeletion
from provserver.errors import InvalidValue
from provserver.vendors.polycom import VENDOR
from tests.domain.authority import AUTHORITY
from tests.vendors.polycom.phone import URL, config, line, read, view_of, write

LINE_ROWS = {
    "user_name": ["reg.1.address"],
    "label": ["reg.1.label"],
    "display_name": ["reg.1.displayName"],
    "auth_name": ["reg.1.auth.userId"],
    "expires_s": ["reg.1.server.1.expires"],
    "registrar": [
        "reg.1.server.1.address",
        "reg.1.server.1.port",
        "reg.1.server.1.transport",
        "reg.1.server.1.register",
    ],
    "backup_registrar": [
        "reg.1.server.2.address",
        "reg.1.server.2.port",
        "reg.1.server.2.transport",
        "reg.1.server.2.expires",
        "reg.1.server.2.register",
    ],
    "outbound_proxy": ["reg.1.outboundProxy.address", "reg.1.outboundProxy.port", "reg.1.outboundProxy.transport"],
    "voicemail": ["msg.mwi.1.callBackMode", "msg.mwi.1.callBack", "up.oneTouchVoiceMail"],
}
LINE_VALUES = {
    "user_name": "2001",
    "label": "Desk",
    "display_name": "Ada",
    "auth_name": "auth",
    "expires_s": 900,
    "registrar": Endpoint.parse("sip.example.org:5061;transport=tls"),
    "backup_registrar": Endpoint.parse("b.example.org:5070;transport=tcp"),
    "outbound_proxy": Endpoint.parse("p.example.org:5080"),
    "voicemail": "*97",
}


@pytest.mark.parametrize("field", LINE_ROWS)
def test_every_field_of_a_line_is_written(field: str) -> None:
    told = config(view_of({}, line(**{field: LINE_VALUES[field]})))

    assert set(LINE_ROWS[field]) <= told.keys()
    value = LINE_VALUES[field]
    first = told[LINE_ROWS[field][0]]
    assert first == (value.host if isinstance(value, Endpoint) else "contact" if field == "voicemail" else str(value))


@pytest.mark.parametrize(
    ("endpoint", "port", "transport"),
    [
        ("sip.example.org", None, "UDPOnly"),
        ("sip.example.org:5062;transport=tcp", "5062", "TCPOnly"),
        ("[2001:db8::1]:5061;transport=tls", "5061", "TLS"),
        ("sip.example.org;transport=dns", None, "DNSnaptr"),
    ],
)
def test_transports_have_the_makers_names_and_a_missing_port_is_left_to_them(
    endpoint: str, port: str | None, transport: str
) -> None:
    told = config(view_of({}, line(registrar=Endpoint.parse(endpoint))))

    assert told["reg.1.server.1.transport"] == transport
    assert told.get("reg.1.server.1.port") == port


SYSTEM_ROWS = [
    (
        "ntp_server",
        "t.example.com",
        {"tcpIpApp.sntp.address": "t.example.com", "tcpIpApp.sntp.address.overrideDHCP": "1"},
    ),
    ("time_format", "12", {"lcl.datetime.time.24HourClock": "0"}),
    ("time_format", "24", {"lcl.datetime.time.24HourClock": "1"}),
    ("date_format", "dmy", {"lcl.datetime.date.format": "D,dM"}),
    ("date_format", "mdy", {"lcl.datetime.date.format": "D,Md"}),
    ("language", "en", {"lcl.ml.lang": "English_United_Kingdom"}),
    ("language", "pl", {"lcl.ml.lang": "Polish_Poland"}),
    (
        "codecs",
        "pcmu g729",
        {"voice.codecPref.G711_Mu": "1", "voice.codecPref.G729_AB": "2", "voice.codecPref.G722": "0"},
    ),
    ("codecs", "speex opus g726 g722", {"voice.codecPref.Opus": "1", "voice.codecPref.G722": "2"}),
    ("codecs", "ilbc", {"voice.codecPref.iLBC_15_2kbps": "1", "voice.codecPref.G711_A": "0"}),
    ("srtp", "off", {"sec.srtp.enable": "0", "sec.srtp.offer": "0", "sec.srtp.require": "0"}),
    ("srtp", "optional", {"sec.srtp.enable": "1", "sec.srtp.offer": "1", "sec.srtp.require": "0"}),
    ("srtp", "mandatory", {"sec.srtp.enable": "1", "sec.srtp.offer": "1", "sec.srtp.require": "1"}),
    (
        "dtmf",
        "inband",
        {"tone.dtmf.viaRtp": "1", "tone.dtmf.rfc2833Control": "0", "voIpProt.SIP.dtmfViaSignaling.rfc2976": "0"},
    ),
    (
        "dtmf",
        "info",
        {"tone.dtmf.viaRtp": "0", "tone.dtmf.rfc2833Control": "0", "voIpProt.SIP.dtmfViaSignaling.rfc2976": "1"},
    ),
    ("dtmf", "rfc2833", {"tone.dtmf.rfc2833Control": "1", "voIpProt.SIP.dtmfViaSignaling.rfc2976": "0"}),
    ("dtmf", "rfc2833_info", {"tone.dtmf.rfc2833Control": "1", "voIpProt.SIP.dtmfViaSignaling.rfc2976": "1"}),
    ("dtmf_payload", "97", {"tone.dtmf.rfc2833Payload": "97"}),
    ("mwi_subscribe", "on", {"msg.mwi.1.subscribe": "1001"}),
    ("blf_pickup_code", "*8", {"call.directedCallPickupString": "*8", "call.directedCallPickupMethod": "legacy"}),
    ("vlan_priority", "6", {"qos.ethernet.rtp.user_priority": "6", "qos.ethernet.callControl.user_priority": "6"}),
    ("phonebook.1.url", "http://d.example.com/x", {"mb.main.home": "http://d.example.com/x"}),
    ("ldap.server", "l.example.com", {"dir.corp.address": "l.example.com", "feature.corporateDirectory.enabled": "1"}),
    ("ldap.port", "389", {"dir.corp.port": "389"}),
    ("ldap.tls", "off", {"dir.corp.transport": "TCP"}),
    ("ldap.tls", "on", {"dir.corp.transport": "TLS"}),
    ("ldap.tls", "ldaps", {"dir.corp.transport": "TLS"}),
    ("register_retries", "4", {"reg.1.server.1.retryMaxCount": "4"}),
    ("line_shared.1", "on", {"reg.1.type": "shared"}),
    ("local_directory_readonly", "on", {"dir.local.readonly": "1"}),
    ("notify_reboots", "on", {"voIpProt.SIP.specialEvent.checkSync.alwaysReboot": "1"}),
    ("notify_reboots", "off", {"voIpProt.SIP.specialEvent.checkSync.alwaysReboot": "0"}),
    ("web_https_only", "on", {"httpd.cfg.secureTunnelRequired": "1"}),
    (
        "push.server_url",
        "https://push.example.com/",
        {"apps.push.serverRootURL": "https://push.example.com/", "apps.push.messageType": "5"},
    ),
    ("push.user", "pusher", {"apps.push.username": "pusher"}),
    ("state_polling.url", "https://cti.example.com/", {"apps.statePolling.URL": "https://cti.example.com/"}),
    ("state_polling.user", "asker", {"apps.statePolling.username": "asker"}),
    *(
        ("tls_min_version", version, {"sec.TLS.protocol.sip": word, "sec.TLS.protocol.browser": word})
        for version, word in {"1.0": "TLSv1_0", "1.1": "TLSv1_1", "1.2": "TLSv1_2", "1.3": "TLSv1_3"}.items()
    ),
    ("ldap.base", "dc=x", {"dir.corp.baseDN": "dc=x"}),
    ("ldap.user", "cn=x", {"dir.corp.user": "cn=x"}),
    ("ldap.name_filter", "(objectClass=person)", {"dir.corp.filterPrefix": "(objectClass=person)"}),
    (
        "ldap.name_attributes",
        "sn, givenName",
        {"dir.corp.attribute.1.type": "last_name", "dir.corp.attribute.2.type": "first_name"},
    ),
    (
        "ldap.number_attributes",
        "mobile",
        {"dir.corp.attribute.1.name": "mobile", "dir.corp.attribute.1.type": "phone_number"},
    ),
    ("keep_user_changes", "on", {"prov.autoConfigUpload.enabled": "1"}),
    (
        "resync_minutes",
        "1440",
        {"prov.polling.enabled": "1", "prov.polling.mode": "rel", "prov.polling.period": "86400"},
    ),
    ("resync_minutes", "5", {"prov.polling.period": "3601"}),
    ("resync_from", "02:30", {"prov.polling.enabled": "1", "prov.polling.mode": "abs", "prov.polling.time": "02:30"}),
    *(
        (f"action.{event}", "http://a.example.com/", {"apps.telNotification.URL": "http://a.example.com/", name: "1"})
        for event, name in {
            "incoming": "apps.telNotification.incomingEvent",
            "outgoing": "apps.telNotification.outgoingEvent",
            "off_hook": "apps.telNotification.offhookEvent",
            "on_hook": "apps.telNotification.onhookEvent",
            "registered": "apps.telNotification.lineRegistrationEvent",
            "established": "apps.telNotification.callStateChangeEvent",
            "terminated": "apps.telNotification.callStateChangeEvent",
        }.items()
    ),
]


@pytest.mark.parametrize(("setting", "value", "expected"), SYSTEM_ROWS)
def test_every_setting_is_written_in_the_makers_words(setting: str, value: str, expected: dict[str, str]) -> None:
    told = config(view_of({setting: value}))

    assert expected.items() <= told.items()
    assert not expected.items() <= config(view_of()).items()


@pytest.mark.parametrize(("setting", "value"), [("srtp", "zrtp"), ("srtp", "dtls"), ("ldap.tls", "starttls")])
def test_a_wish_without_a_word_writes_nothing(setting: str, value: str) -> None:
    assert config(view_of({setting: value})) == config(view_of())


def test_attempts_are_told_for_both_registrars() -> None:
    told = config(view_of({"register_retries": "4"}, line(backup_registrar=Endpoint(host="b.example.org"))))

    assert {name for name, value in told.items() if value == "4"} == {
        "reg.1.server.1.retryMaxCount",
        "reg.1.server.2.retryMaxCount",
    }


def test_a_line_is_shared_or_private_and_one_that_is_not_there_is_neither() -> None:
    told = config(view_of({"line_shared.2": "on", "line_shared.3": "on", "line_shared.1": "off"}, line(1), line(2)))

    assert {name: value for name, value in told.items() if name.endswith(".type") and name.startswith("reg.")} == {
        "reg.1.type": "private",
        "reg.2.type": "shared",
    }


FLASH_ROWS = [
    ("cdp", "off", "device.net.cdpEnabled", "0"),
    ("provisioning_attempts", "5", "device.prov.redunAttemptLimit", "5"),
    ("tls_client_certificate", "factory", "device.sec.TLS.profile.deviceCert1", "Builtin"),
    ("tls_client_certificate", "custom", "device.sec.TLS.profile.deviceCert1", "Platform1"),
    ("tls_min_version", "1.2", "device.sec.TLS.protocol.prov", "TLSv1_2"),
    (
        "trusted_ca",
        AUTHORITY,
        "device.sec.TLS.customCaCert1",
        f"-----BEGIN CERTIFICATE----- {AUTHORITY} -----END CERTIFICATE-----",
    ),
    ("trusted_ca", AUTHORITY, "device.sec.TLS.profile.caCertList1", "All"),
    ("discovery_dhcp", "on", "device.dhcp.bootSrvUseOpt", "CustomAndDefault"),
    ("discovery_dhcp", "off", "device.dhcp.bootSrvUseOpt", "Static"),
    ("discovery_redirect", "off", "device.prov.ztpEnabled", "0"),
    ("vlan_id", "20", "device.net.vlanId", "20"),
    ("lldp", "on", "device.net.lldpEnabled", "1"),
    ("vlan_dhcp", "off", "device.dhcp.dhcpVlanDiscUseOpt", "Disabled"),
    ("vlan_dhcp", "on", "device.dhcp.dhcpVlanDiscUseOpt", "Fixed"),
    ("tls_verify", "off", "device.sec.TLS.prov.strictCertCommonNameValidation", "0"),
    ("provisioning_user", "phone", "device.prov.user", "phone"),
    ("raw.device.syslog.serverName", "log.example.com", "device.syslog.serverName", "log.example.com"),
]


@pytest.mark.parametrize(("setting", "value", "name", "written"), FLASH_ROWS)
def test_what_goes_into_flash_has_both_switches(setting: str, value: str, name: str, written: str) -> None:
    told = read(write(view_of({setting: value}), "user"))

    assert (told[name], told[f"{name}.set"], told["device.set"]) == (written, "1", "1")


SECRET_ROWS = [
    ("line.1.password", "reg.1.auth.password"),
    ("setting.admin_password", "device.auth.localAdminPassword"),
    ("setting.user_password", "device.auth.localUserPassword"),
    ("setting.provisioning_password", "device.prov.password"),
    ("setting.ldap.password", "dir.corp.password"),
    ("setting.push.password", "apps.push.password"),
    ("setting.state_polling.password", "apps.statePolling.password"),
    ("setting.raw.exchange.server.password", "exchange.server.password"),
]


@pytest.mark.parametrize(("field", "name"), SECRET_ROWS)
def test_every_secret_stands_in_the_user_file_only_and_not_at_all_without_it(field: str, name: str) -> None:
    view = view_of(held=(field,))

    user, rest = write(view, "user", {field: "s3cr<t"}), write(view, "site") + write(view, "master")

    assert read(user)[name] == "s3cr<t"
    assert b"s3cr" not in rest
    assert name not in config(view_of())


def test_every_flash_parameter_has_its_switch_and_all_stand_in_one_file() -> None:
    held = ("setting.admin_password", "setting.user_password", "setting.provisioning_password")
    view = view_of({"vlan_id": "7", "lldp": "on", "tls_verify": "on", "provisioning_user": "u"}, held=held)

    user, site = read(write(view, "user")), read(write(view, "site"))

    flashed = {name for name in user if name.startswith("device.") and not name.endswith(".set")}
    assert {f"{name}.set" for name in flashed} == {n for n in user if n.endswith(".set")} - {"device.set"}
    assert not any(name.startswith("device.") for name in site)


def test_the_user_file_points_the_phone_at_its_own_address() -> None:
    told = read(write(view_of(), "user"))

    assert (told["device.prov.serverName"], told["device.prov.serverName.set"]) == (URL, "1")
    assert told["device.dhcp.bootSrvUseOpt"] == "Static"


def test_the_master_names_both_files_and_keeps_the_firmware_unless_one_is_wanted() -> None:
    plain = read(write(view_of(), "master"))
    wanted = read(write(view_of({"firmware_url": "https://fw.example.com/sip.ld"}), "master"))

    assert plain["CONFIG_FILES"] == "0004f2aabbcc-user.cfg, 0004f2aabbcc-site.cfg"
    assert plain["APP_FILE_PATH"] == "sip.ld"
    assert wanted["APP_FILE_PATH"] == "https://fw.example.com/sip.ld"
    assert wanted.keys() == plain.keys()


def test_a_raw_parameter_takes_the_place_of_ours_in_either_file() -> None:
    settings = {
        "codecs": "g722",
        "raw.voice.codecPref.G722": "7",
        "raw.reg.1.label": "raw",
        "vlan_id": "5",
        "raw.device.net.vlanId": "6",
    }

    told = config(view_of(settings, line(label="ours")))

    assert (told["voice.codecPref.G722"], told["reg.1.label"], told["device.net.vlanId"]) == ("7", "raw", "6")


@pytest.mark.parametrize(
    "name", ["reg/1", "a@b", "xmlns", "XML.lang", "device.set", "device.net.vlanId.set", "Device.Net.x.SET"]
)
def test_a_raw_name_that_would_spoil_the_file_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="raw"):
        VENDOR.raw(name, "1")


# Rows with tests of their own, below and in the other modules of this folder.
OWN_TESTS = {
    "timezone",
    "tone_country",
    "firmware_url",
    "credential_storage",
    "resync_until",
    "key.N",
    "module.N.key.N",
    "softkey.N",
}


def test_every_row_of_the_table_has_a_test() -> None:
    rows = {row.setting for row in VENDOR.parameters if row.setting != DEVICE and not row.setting.startswith(LINE)}

    tested = {row[0] for row in SYSTEM_ROWS} | {row[0] for row in FLASH_ROWS}
    tested |= {field.removeprefix("setting.") for field, _ in SECRET_ROWS}

    assert rows - OWN_TESTS <= {".".join("N" if word == "1" else word for word in name.split(".")) for name in tested}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("02:00", "02:01", "02:00"),
        ("02:00", "04:00", "02:12"),  # 0x0004f2aabbcc = 21251144652, the remainder by 120 is 12
        ("23:55", "00:55", "00:07"),
    ],
)
def test_a_daily_window_becomes_a_moment_in_it_that_is_the_phones_own(start: str, end: str, expected: str) -> None:
    told = config(view_of({"resync_from": start, "resync_until": end, "resync_minutes": "60"}))

    assert (told["prov.polling.mode"], told["prov.polling.period"]) == ("abs", "86400")
    assert told["prov.polling.time"] == expected


def test_phones_are_spread_over_the_window() -> None:
    settings = {"resync_from": "22:00", "resync_until": "06:00"}

    times = {config(view_of(settings, mac=f"0004f2{number:06x}"))["prov.polling.time"] for number in range(480)}

    assert len(times) == 480


def test_an_end_without_a_beginning_says_nothing() -> None:
    assert config(view_of({"resync_until": "04:00"})) == config(view_of())


PLAYED = [
    ("de", "dialTone", ("425", "0"), []),
    ("de", "busyTone", ("425", "0"), [480, 480]),
    ("fr", "ringback", ("440", "0"), [1500, 3500]),
    ("us", "busyTone", ("480", "620"), [500, 500]),
    ("gb", "dialTone", ("350", "440"), []),
    ("gb", "ringback", ("400", "450"), [400, 200, 400, 2000]),
    ("it", "dialTone", ("425", "0"), [200, 200, 600, 1000]),
]


@pytest.mark.parametrize(("country", "tone", "frequencies", "cadence"), PLAYED)
def test_tones_are_played_as_the_country_has_them(
    country: str, tone: str, frequencies: tuple[str, str], cadence: list[int]
) -> None:
    """Run the pattern as the guides describe it: chord with its duration, silence, branch back to the first."""
    told = config(view_of({"tone_country": country}))
    chord = f"tone.chord.callProg.{tone}."
    script = [
        (told[f"{at}.type"], told[f"{at}.value"], told.get(f"{at}.param"))
        for at in (f"se.pat.callProg.{tone}.inst.{number}" for number in range(1, 9))
        if f"{at}.type" in told
    ]

    assert (told[chord + "freq.1"], told[chord + "freq.2"]) == frequencies
    if not cadence:
        assert script == [("chord", tone, None)]
        assert (told[chord + "onDur"], told[chord + "repeat"]) == ("0", "0")
        return
    *played, branch = script
    assert [int(on or value) for _, value, on in played] == cadence
    assert [kind for kind, _, _ in played] == ["chord", "silence"] * (len(played) // 2)
    assert branch == ("branch", str(-len(played)), None)


def test_every_country_of_the_catalogue_has_tones() -> None:
    for country in find_spec("tone_country").allowed:
        assert "se.pat.callProg.ringback.inst.1.type" in config(view_of({"tone_country": country})), country


@pytest.mark.parametrize("template", ["(|(cn=%)(sn=%))", "(cn=*?*)", "(cn=$1)"])
def test_a_filter_with_a_place_for_the_typed_text_is_left_to_the_phone(template: str) -> None:
    assert "dir.corp.filterPrefix" not in config(view_of({"ldap.name_filter": template}))


@pytest.mark.parametrize("codec", ["g726", "speex"])
def test_a_codec_without_a_name_here_is_none(codec: str) -> None:
    told = config(view_of({"codecs": codec}))

    assert {value for name, value in told.items() if name.startswith("voice.codecPref.")} == {"0"}


def test_credentials_go_to_flash_and_stay_out_of_the_file() -> None:
    held = ("line.1.password",)
    view = view_of({"credential_storage": "flash"}, line(auth_name="auth"), held=held)

    told = read(write(view, "user", {"line.1.password": "s3cret"}))

    assert (told["device.logincred.user"], told["device.logincred.user.set"]) == ("auth", "1")
    assert (told["device.logincred.password"], told["device.logincred.password.set"]) == ("s3cret", "1")
    assert told["reg.1.auth.useLoginCredentials"] == "1"
    assert not {"reg.1.auth.password", "reg.1.auth.userId"} & told.keys()


def test_after_deletion_flash_is_left_alone_and_still_used() -> None:
    view = view_of({"credential_storage": "flash"})

    told = config(view)

    assert told["reg.1.auth.useLoginCredentials"] == "1"
    assert not any("logincred" in name or "assword" in name for name in told)


@pytest.mark.parametrize(
    ("settings", "lines", "answer"),
    [
        ({}, 1, AfterDeletion.NOT_FOUND),
        ({"credential_storage": "config"}, 1, AfterDeletion.NOT_FOUND),
        ({"credential_storage": "flash"}, 1, AfterDeletion.OMIT),
        ({"credential_storage": "flash"}, 2, AfterDeletion.NOT_FOUND),
        ({"credential_storage": "flash", "ldap.user": "cn=phone"}, 1, AfterDeletion.NOT_FOUND),
        ({"credential_storage": "flash", "push.user": "pusher"}, 1, AfterDeletion.NOT_FOUND),
        ({"credential_storage": "flash", "state_polling.user": "asker"}, 1, AfterDeletion.NOT_FOUND),
        ({"credential_storage": "flash", "push.server_url": "https://push.example.com/"}, 1, AfterDeletion.OMIT),
    ],
)
def test_what_is_safe_after_deletion_depends_on_where_the_password_is(
    settings: dict[str, str], lines: int, answer: AfterDeletion
) -> None:
    view = view_of(settings, *(line(number) for number in range(1, lines + 1)))

    assert VENDOR.after_deletion_of(view) is answer


def test_the_general_rule_withholds_every_configuration_file_and_says_it_is_unproven() -> None:
    withheld = {rule.name for rule in VENDOR.files if rule.configuration}

    assert withheld == {"master", "user", "site"} == {rule.name for rule in VENDOR.files if rule.template}
    assert VENDOR.after_deletion.answer is AfterDeletion.NOT_FOUND
    assert VENDOR.after_deletion.unproven


def test_two_lines_cannot_share_the_flash() -> None:
    view = view_of({"credential_storage": "flash"}, line(1), line(2))

    with pytest.raises(InvalidValue, match="one line only"):
        VENDOR.check(view)  # type: ignore[misc]


def test_all_events_go_to_one_address() -> None:
    settings = {"action.incoming": "http://a.example.com/", "action.outgoing": "http://b.example.com/"}

    with pytest.raises(InvalidValue, match="one address") as refused:
        VENDOR.check(view_of(settings))  # type: ignore[misc]

    assert refused.value.field == "action.outgoing"


def test_nothing_speaks_against_an_ordinary_phone() -> None:
    settings = {"timezone": "Europe/Berlin", "action.incoming": "http://a.example.com/", "credential_storage": "flash"}

    assert VENDOR.check is not None
    VENDOR.check(view_of(settings))
