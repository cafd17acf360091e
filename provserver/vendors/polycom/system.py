"""Everything that is neither account nor key nor secret nor flash: the rows of the second file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer
from provserver.vendors.polycom.tones import write_tones
from provserver.vendors.polycom.zones import write_zone

_GUIDE = "SIP 2.x/3.x and UC Software administrator's guides"
_WAZO = "Wazo base.tpl and common.py"
_SWITCH = {True: "1", False: "0"}

# g726 and speex have no parameter here. Older phones ignore the names of codecs they lack.
_CODECS = {
    "opus": "Opus",
    "g722": "G722",
    "pcma": "G711_A",
    "pcmu": "G711_Mu",
    "g729": "G729_AB",
    "ilbc": "iLBC_15_2kbps",
}
_SRTP_SWITCHES = ("sec.srtp.enable", "sec.srtp.offer", "sec.srtp.require")
_SRTP = {"off": "000", "optional": "110", "mandatory": "111"}
_DTMF_SWITCHES = ("tone.dtmf.viaRtp", "tone.dtmf.rfc2833Control", "voIpProt.SIP.dtmfViaSignaling.rfc2976")
_DTMF = {"rfc2833": "110", "inband": "100", "info": "001", "rfc2833_info": "111"}
_EVENTS = {
    "action.incoming": "incomingEvent",
    "action.outgoing": "outgoingEvent",
    "action.off_hook": "offhookEvent",
    "action.on_hook": "onhookEvent",
    "action.registered": "lineRegistrationEvent",
    "action.established": "callStateChangeEvent",
    "action.terminated": "callStateChangeEvent",
}
ACTIONS = tuple(_EVENTS)


def _switches(word: str, _at: At, *, names: tuple[str, ...], positions: Mapping[str, str]) -> Iterator[Entry]:
    """Several switches whose positions (``110``) together mean *word*; nothing for a word that has none."""
    if word in positions:
        for name, written in zip(names, positions[word], strict=True):
            yield Entry(name, written)


def _codecs(chosen: tuple[str, ...], _at: At) -> Iterator[Entry]:
    """Order of preference from 1; 0 is off."""
    known = [codec for codec in chosen if codec in _CODECS]
    for codec, name in _CODECS.items():
        yield Entry(f"voice.codecPref.{name}", str(known.index(codec) + 1 if codec in known else 0))


def _time_server(host: str, _at: At) -> Iterator[Entry]:
    yield Entry("tcpIpApp.sntp.address", host)
    yield Entry("tcpIpApp.sntp.address.overrideDHCP", "1")


def _page(url: str, at: At) -> Iterator[Entry]:
    """The first remote phone book is the home of the phone's browser; it has one."""
    if at.indices == (1,):
        yield Entry("mb.main.home", url)


def _pickup_code(code: str, _at: At) -> Iterator[Entry]:
    yield Entry("call.directedCallPickupString", code)
    yield Entry("call.directedCallPickupMethod", "legacy")  # dials the code; the other one is a SIP extension
    yield Entry("feature.directedCallPickup.enabled", "1")


def _event(url: str, _at: At, *, event: str) -> Iterator[Entry]:
    """One address for all events, and a switch for each."""
    yield Entry("apps.telNotification.URL", url)
    yield Entry(f"apps.telNotification.{event}", "1")


def _row(
    setting: str,
    write: str | Writer,
    *,
    values: Mapping[Any, str] | None = None,
    source: str = _GUIDE,
    confidence: Confidence = "H",
) -> Parameter:
    return Parameter(setting=setting, write=write, values=values, source=source, confidence=confidence)


SYSTEM: tuple[Parameter, ...] = (
    # time
    _row("timezone", write_zone),
    _row("ntp_server", _time_server),
    _row("time_format", "lcl.datetime.time.24HourClock", values={"24": "1", "12": "0"}),
    _row(
        "date_format",
        "lcl.datetime.date.format",
        values={"dmy": "D,dM", "mdy": "D,Md", "ymd": "D,Md"},  # weekday, day, month; there is no year to place
        source='"D,dM" and "D,Md" in public templates',
        confidence="M",
    ),
    # language and tones
    _row(
        "language",
        "lcl.ml.lang",
        values={
            "en": "English_United_Kingdom",
            "de": "German_Germany",
            "fr": "French_France",
            "es": "Spanish_Spain",
            "it": "Italian_Italy",
            "nl": "Dutch_Netherlands",
        },
        source=_WAZO,
        confidence="M",
    ),
    _row(
        "language",
        "lcl.ml.lang",
        values={
            "pl": "Polish_Poland",
            "pt": "Portuguese_Portugal",
            "da": "Danish_Denmark",
            "sv": "Swedish_Sweden",
            "nb": "Norwegian_Norway",
            "ru": "Russian_Russia",
        },
        source="recollection of the guides' list; Czech, Finnish, Hungarian and Turkish are not in it",
        confidence="L",
    ),
    _row(
        "tone_country",
        write_tones,
        source="CX5500 guide p. 297: patterns; FusionPBX include/progress_tones: names of chords",
        confidence="M",
    ),
    # voice
    _row("codecs", _codecs, source=f"{_GUIDE}; names of Opus and iLBC in public templates"),
    _row("srtp", partial(_switches, names=_SRTP_SWITCHES, positions=_SRTP), source=_WAZO),
    _row("dtmf", partial(_switches, names=_DTMF_SWITCHES, positions=_DTMF), source=_WAZO),
    _row("dtmf_payload", "tone.dtmf.rfc2833Payload"),
    _row("blf_pickup_code", _pickup_code, source=f"{_WAZO}; GS5 writes the method", confidence="M"),
    # network: 802.1p of what the phone sends; device.net.* is flash
    _row("vlan_priority", "qos.ethernet.rtp.user_priority", confidence="M"),
    _row("vlan_priority", "qos.ethernet.callControl.user_priority", confidence="M"),
    # directories and applications
    _row("phonebook.N.url", _page, source=_WAZO, confidence="M"),
    *(
        _row(
            action, partial(_event, event=event), source="UC Software 5.0 web application guide, p. 27", confidence="M"
        )
        for action, event in _EVENTS.items()
    ),
    _row("local_directory_readonly", "dir.local.readonly", values=_SWITCH, source="FreePBX; a published configuration"),
    # provisioning
    _row(
        "keep_user_changes",
        "prov.autoConfigUpload.enabled",  # uploaded changes come back at every start, and win
        values=_SWITCH,
        source="UC Software guides, overrides",
        confidence="M",
    ),
    _row(
        "notify_reboots",
        "voIpProt.SIP.specialEvent.checkSync.alwaysReboot",
        values=_SWITCH,
        source="FusionPBX templates; UC Software guides, special events",
    ),
)
