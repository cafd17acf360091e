"""
Linphone's parameter table.

An entry with an empty value and ``overwrite="true"`` removes what the client holds under that name (lpconfig.c,
linphone_config_set_string; T for ha1). It is used to take things back, never for a password: the client keeps only a
hash of it (``ha1``) after its first success, so a new password counts only when the hash is taken back with it (T).
"""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.parameters import DEVICE, At, Entry, Parameter
from provserver.domain.view import DeviceView
from provserver.vendors.linphone.accounts import (
    identity,
    of_account,
    of_auth_info,
    own_address,
    registrar,
    route,
    write_realm,
)
from provserver.vendors.linphone.media import refer_to_nat_policy, write_codecs, write_nat_policy

_TRIED = "tried with linphone-cli 5.1.65"
_ACCOUNT = "liblinphone 5.1.65 account-params.cpp"
_ACCOUNT_54 = "liblinphone 5.4.0 account-params.cpp; older ones do not know it"
_CORE = "liblinphone 5.1.65 linphonecore.c"
_SWITCH = {True: "1", False: "0"}


def _write_provisioning_url(view: DeviceView, _at: At) -> Iterator[Entry]:
    yield Entry("config-uri", view.provisioning_url.framed(after=f"{view.mac}.xml"), "misc")


def _write_default_account(view: DeviceView, _at: At) -> Iterator[Entry]:
    if view.lines:
        yield Entry("default_proxy", "0", "sip")  # the first line


ACCOUNTS = (
    Parameter(
        setting="line.user_name",
        write=of_account("reg_identity", identity),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.registrar",
        write=of_account("reg_proxy", registrar),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.number",
        write=of_account("reg_route", lambda _number, _line: ""),  # no proxy any more, unless the next row has one
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.outbound_proxy",
        write=of_account("reg_route", route),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.number",
        write=of_account("reg_sendregister", lambda _number, _line: "1"),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.expires_s",
        write=of_account("reg_expires"),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.voicemail",
        write=of_account("voicemail_uri", own_address),
        section="line",
        source=_ACCOUNT_54,
        confidence="M",
    ),
    Parameter(
        setting="mwi_subscribe",
        # RFC 3842 4: one subscribes to the address of one's own account.
        write=of_account("mwi_server_uri", lambda on, line: own_address(line.user_name, line) if on else ""),
        each_line=True,
        section="line",
        source=_ACCOUNT_54,
        confidence="M",
    ),
    Parameter(
        setting="presence_publish",
        write=of_account("publish", lambda on, _line: _SWITCH[on]),
        each_line=True,
        section="line",
        source=_ACCOUNT,
        confidence="H",
    ),
    Parameter(
        setting="stun_server",
        write=refer_to_nat_policy,
        each_line=True,
        section="line",
        source=_ACCOUNT,
        confidence="M",
    ),
    Parameter(
        setting="ice",
        write=refer_to_nat_policy,
        each_line=True,
        section="line",
        source=_ACCOUNT,
        confidence="M",
    ),
)

# Every row but the realm's is a row of the password: what the server does not hold (any more) is not mentioned at all.
# The realm is seldom needed: the registrar names it in its challenge, and the client follows when it changes (T).
CREDENTIALS = (
    Parameter(
        setting="line.password",
        write=of_auth_info("username", lambda line: line.user_name),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.password",
        write=of_auth_info("userid", lambda line: "" if line.auth_user == line.user_name else line.auth_user),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.password",
        write=of_auth_info("passwd", lambda line: line.password or ""),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.password",
        write=of_auth_info("ha1", lambda _line: ""),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="line.password",
        write=of_auth_info("domain", lambda line: line.registrar.host),
        section="line",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="realm",
        write=write_realm,
        each_line=True,
        section="line",
        source="sheet linphone 5; liblinphone 5.1.65 auth_info.c",
        confidence="H",
    ),
)

MEDIA = (
    Parameter(
        setting="srtp",
        write="media_encryption",
        values={"off": "none", "optional": "srtp", "mandatory": "srtp", "zrtp": "zrtp", "dtls": "dtls"},
        place="sip",
        source=_CORE,
        confidence="H",
    ),
    Parameter(
        setting="srtp",
        write="media_encryption_mandatory",
        values={"off": "0", "optional": "0", "mandatory": "1", "zrtp": "0", "dtls": "0"},
        place="sip",
        source=_CORE,
        confidence="H",
    ),
    Parameter(setting="codecs", write=write_codecs, source=f"{_CORE}; {_TRIED}", confidence="T"),
    # With both off 5.1 sends RFC 2833 all the same (media-session.cpp), so there is no word for "inband".
    Parameter(
        setting="dtmf",
        write="use_rfc2833",
        values={"rfc2833": "1", "info": "0", "rfc2833_info": "1"},
        place="sip",
        source=_CORE,
        confidence="H",
    ),
    Parameter(
        setting="dtmf",
        write="use_info",
        values={"rfc2833": "0", "info": "1", "rfc2833_info": "1"},
        place="sip",
        source=_CORE,
        confidence="H",
    ),
    Parameter(setting="dtmf_payload", write="telephone_event_pt", place="misc", source=_CORE, confidence="M"),
    Parameter(setting=DEVICE, write=write_nat_policy, source="liblinphone 5.1.65 nat_policy.c", confidence="H"),
)

CLIENT = (
    Parameter(setting=DEVICE, write=_write_default_account, source=_TRIED, confidence="T"),
    Parameter(setting=DEVICE, write=_write_provisioning_url, source=_TRIED, confidence="T"),
    Parameter(
        setting="resync_at_boot",  # Linphone asks at no other time: without this it never asks again
        write="transient_provisioning",
        values={True: "0", False: "1"},
        place="misc",
        source=_TRIED,
        confidence="T",
    ),
    Parameter(
        setting="tls_verify", write="verify_server_certs", values=_SWITCH, place="sip", source=_CORE, confidence="H"
    ),
    Parameter(
        setting="tls_verify", write="verify_server_cn", values=_SWITCH, place="sip", source=_CORE, confidence="H"
    ),
)

PARAMETERS: tuple[Parameter, ...] = (*ACCOUNTS, *CREDENTIALS, *MEDIA, *CLIENT)
