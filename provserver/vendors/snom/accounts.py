"""How an account's registrar, media and codecs are told to a desk phone: what one name and one value cannot say."""

from __future__ import annotations

from collections.abc import Iterator

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import At, Entry
from provserver.domain.view import DeviceView
from provserver.vendors.snom.models import IDENTITIES
from provserver.vendors.snom.permission import IDENTITY

# sheet snom 5 and tancredi snomD8XX.tmpl name g722, pcma, pcmu, g729, g726-32 (H); opus is in D8xx data sheets (L).
# iLBC and Speex have no word.
_CODECS = {"opus": "opus", "g722": "g722", "pcma": "pcma", "pcmu": "pcmu", "g729": "g729", "g726": "g726-32"}
# The order of sheet snom 5, for a list that nobody wished for.
_USUAL_CODECS = ("g722", "pcma", "pcmu", "g729")
_EVENTS = "telephone-event"
# off: events in RTP. on: SIP INFO besides. Digits in the sound itself are had by offering no telephone-event.
_DTMF = {"rfc2833": "off", "inband": "off", "info": "sip_info_only", "rfc2833_info": "on"}
_SRTP = {"off": ("off", None), "optional": ("on", "optional"), "mandatory": ("on", "mandatory")}
_SWITCHED_OFF = tuple(Entry("user_active", "off", IDENTITY, number) for number in range(IDENTITIES + 1))


def write_active(_number: int, at: At) -> Iterator[Entry]:
    """Switch the line's identity on."""
    yield _entry(at, "user_active", "on")


def write_registrar(registrar: Endpoint, at: At) -> Iterator[Entry]:
    """
    Write registrar and way out. ``user_outbound`` carries the transport: the outbound proxy, else the registrar itself.

    It is empty when DNS shall decide; a phone takes an empty element as a value (sheet snom 6, M).
    """
    line = _line(at)
    yield _entry(at, "user_host", str(registrar))
    yield _entry(at, "user_outbound", _way_out(line.outbound_proxy, registrar))
    if line.backup_registrar is None:
        yield _entry(at, "user_failover_identity", "none")


def spare_identities(view: DeviceView) -> dict[int, int]:
    """
    Which identity stands in for which line: the free ones above all lines, in order, as far as there are any.

    From below, since small models have few. A line that is added moves the stand-ins up; one whose password is deleted
    by then needs it again for its new place, while the line itself keeps working.
    """
    above = max((line.number for line in view.lines), default=0) + 1
    backed = (line.number for line in view.lines if line.backup_registrar is not None)
    return dict(zip(backed, range(above, IDENTITIES + 1), strict=False))


def write_unused(view: DeviceView, _at: At) -> Iterator[Entry]:
    """
    Switch off the identities that no line uses: a line that was taken away must stop registering (wazo_snom, M).

    A user's own identities are left alone when the user's changes are to be kept.
    """
    if view.settings.get("keep_user_changes") is True:
        return
    used = {line.number for line in view.lines} | set(spare_identities(view).values())
    for number in range(1, IDENTITIES + 1):
        if number not in used:
            yield _SWITCHED_OFF[number]


def write_voicemail(number: str, at: At) -> Iterator[Entry]:
    """Write the mailbox; the phone's one message key dials that of the first line."""
    yield _entry(at, "user_mailbox", number)
    if _line(at) == at.view.lines[0]:
        yield Entry("dkey_retrieve", f"speed {number}")


def write_srtp(wish: str, at: At) -> Iterator[Entry]:
    """
    Write media encryption, with ``user_auth_tag`` off as all that was seen in use (wazo_snom, tancredi).

    There is no word for ZRTP or DTLS.
    """
    if wish not in _SRTP:
        return
    switch, offer = _SRTP[wish]
    yield _entry(at, "user_srtp", switch)
    if offer is not None:
        yield _entry(at, "user_savp", offer)
        yield _entry(at, "user_auth_tag", "off")


def write_codecs(wishes: tuple[str, ...], at: At) -> Iterator[Entry]:
    """Write the codecs that Snom has; nothing when it has none of them."""
    text = codec_list(wishes, at.view)
    if text is not None:
        yield _entry(at, "codec_priority_list", text)


def write_dtmf(wish: str, at: At) -> Iterator[Entry]:
    """Write how digits travel. In the sound itself: by a codec list without telephone-event."""
    yield _entry(at, "user_dtmf_info", _DTMF[wish])
    if wish == "inband" and "codecs" not in at.view.settings:
        yield _entry(at, "codec_priority_list", ",".join(_USUAL_CODECS))


def codec_list(wishes: tuple[str, ...], view: DeviceView) -> str | None:
    """*wishes* in Snom's words, with telephone-event unless digits are to travel in the sound."""
    codecs = [_CODECS[codec] for codec in wishes if codec in _CODECS]
    if not codecs:
        return None
    return ",".join(codecs if view.settings.get("dtmf") == "inband" else [*codecs, _EVENTS])


def _way_out(proxy: Endpoint | None, registrar: Endpoint) -> str:
    target = proxy or registrar
    if target.transport is not Transport.DNS:
        return f"{target};transport={target.transport.value}"
    return str(proxy) if proxy else ""


def _entry(at: At, name: str, value: str) -> Entry:
    return Entry(name, value, IDENTITY, _line(at).number)


def _line(at: At) -> Line:
    if at.line is None:
        raise TypeError("an account's setting was written outside of a line")
    return at.line
