"""The parameter table of desk phones, part one: SIP accounts. Every row carries ``idx`` = number of the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provserver.domain.line import Endpoint
from provserver.domain.parameters import DEVICE, At, Confidence, Entry, Parameter, Writer, write_entries
from provserver.vendors.snom.accounts import (
    spare_identities,
    write_active,
    write_codecs,
    write_dtmf,
    write_registrar,
    write_srtp,
    write_unused,
    write_voicemail,
)
from provserver.vendors.snom.permission import IDENTITY

LINE = "line"  # the section of these rows
_BOTH = "sheet snom 5; wazo_snom base.tpl; tancredi snom.tmpl"
_WAZO = "sheet snom 5; wazo_snom base.tpl"


def _row(setting: str, write: str | Writer, *, source: str = _BOTH, confidence: Confidence = "H") -> Parameter:
    return Parameter(setting=setting, write=write, section=LINE, place=IDENTITY, source=source, confidence=confidence)


def _each(
    setting: str,
    write: str | Writer,
    *,
    values: Mapping[object, str] | None = None,
    source: str = _BOTH,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        values=values,
        each_line=True,
        section=LINE,
        place=IDENTITY,
        source=source,
        confidence=confidence,
    )


def write_backup(registrar: Endpoint, at: At) -> Iterator[Entry]:
    """
    Write the spare registrar as a second, hidden identity that takes over; Snom knows no other way.

    When all identities are taken, none is written; `check` has refused that before.
    """
    if at.line is None:
        raise TypeError("an account's setting was written outside of a line")
    number = spare_identities(at.view).get(at.line.number)
    stand_in = "none" if number is None else str(number)
    yield Entry("user_failover_identity", stand_in, IDENTITY, at.line.number)
    if number is None:
        return
    yield Entry("hide_identity", "true", IDENTITY, number)
    twin = replace(at.line, number=number, registrar=registrar, backup_registrar=None)
    for entry in write_entries(_ACCOUNT, replace(at.view, lines=(twin,)), sections=frozenset({LINE})):
        if entry.index == number:  # the keys of the phone stay those of the line itself
            yield entry


_ACCOUNT = (
    _row("line.number", write_active),
    _row("line.shown_name", "user_realname"),
    _row("line.shown_label", "user_idle_text", source=_WAZO),
    _row("line.user_name", "user_idle_number", source=_WAZO),
    _row("line.user_name", "user_name"),
    _row("line.auth_user", "user_pname", source=_WAZO),
    _row("line.password", "user_pass"),
    _row("line.registrar", write_registrar),
    _row("line.expires_s", "user_expiry", source="sheet snom 5; Gemeinschaft config_snom", confidence="M"),
    _row("line.voicemail", write_voicemail),
    _each(
        "registrar_kind",
        "user_server_type",
        values={"default": "default", "asterisk": "asterisk"},
        source="sheet snom 5: the setting; its words in two published snom configurations",
        confidence="M",
    ),
    _each("srtp", write_srtp),
    _each("codecs", write_codecs),
    _each("dtmf", write_dtmf),
    _each("blf_pickup_code", "blf_directed_call_pickup", source="tancredi snom.tmpl", confidence="M"),
    _each("stun_server", "stun_server", source="two published snom configurations", confidence="M"),
    _each(
        "ice", "user_ice", values={True: "on", False: "off"}, source="two published snom configurations", confidence="M"
    ),
)

LINE_ROWS = (
    *_ACCOUNT,
    _row("line.backup_registrar", write_backup, source=_WAZO, confidence="M"),
    _row(DEVICE, write_unused, source="wazo_snom snom-general.xml", confidence="M"),
)
