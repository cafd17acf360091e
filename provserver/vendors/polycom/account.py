"""The accounts of a phone: registration, servers, credentials, voicemail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from provserver.domain.line import Endpoint, Transport
from provserver.domain.parameters import At, Confidence, Entry, Parameter, Writer
from provserver.vendors.polycom.flash import write_auth_user, write_password, write_storage

_TRANSPORTS = {Transport.UDP: "UDPOnly", Transport.TCP: "TCPOnly", Transport.TLS: "TLS", Transport.DNS: "DNSnaptr"}
_GUIDE = "UC Software 4.1.6 addendum p. 41, registration; Wazo base.tpl, FusionPBX polycom 6.x"


def _register(number: int, _at: At) -> Iterator[Entry]:
    yield Entry(f"reg.{number}.type", "private")
    yield Entry(f"reg.{number}.lineKeys", "1")  # keys that were set say more (`keys.KEYS`)
    yield Entry(f"reg.{number}.server.1.register", "1")


def _server(endpoint: Endpoint, at: At, *, role: str) -> Iterator[Entry]:
    """*role* is ``server.1``, ``server.2`` or ``outboundProxy``. Without a port the phone takes the transport's own."""
    if at.line is None:
        return
    server = f"reg.{at.line.number}.{role}."
    yield Entry(server + "address", endpoint.host)
    if endpoint.port is not None:
        yield Entry(server + "port", str(endpoint.port))
    yield Entry(server + "transport", _TRANSPORTS[endpoint.transport])
    if role == "server.2":
        yield Entry(server + "expires", str(at.line.expires_s))
        yield Entry(server + "register", "1")


def _voicemail(number: str, at: At) -> Iterator[Entry]:
    if at.line is not None:
        yield Entry(f"msg.mwi.{at.line.number}.callBackMode", "contact")
        yield Entry(f"msg.mwi.{at.line.number}.callBack", number)
        yield Entry("up.oneTouchVoiceMail", "1")


def _subscribe(wanted: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a Writer takes the value of a switch
    """Whom to ask for waiting messages. Not asking is leaving it out: the parameter has no value for "nobody"."""
    if wanted and at.line is not None:
        yield Entry(f"msg.mwi.{at.line.number}.subscribe", at.line.user_name)


def _retries(attempts: int, at: At) -> Iterator[Entry]:
    if at.line is not None:
        for server in (1, 2) if at.line.backup_registrar else (1,):
            yield Entry(f"reg.{at.line.number}.server.{server}.retryMaxCount", str(attempts))


def _shared(shared: bool, at: At) -> Iterator[Entry]:  # noqa: FBT001 - a Writer takes the value of a switch
    """In place of the "private" of every line; nothing for a line that is not there."""
    (number,) = at.indices
    if any(line.number == number for line in at.view.lines):
        yield Entry(f"reg.{number}.type", "shared" if shared else "private")


def _row(setting: str, write: str | Writer, *, source: str = _GUIDE, confidence: Confidence = "H") -> Parameter:
    return Parameter(
        setting=setting,
        write=write,
        each_line=not setting.startswith("line."),
        section="line",
        source=source,
        confidence=confidence,
    )


ACCOUNT: tuple[Parameter, ...] = (
    _row("line.user_name", "reg.{n}.address"),
    _row("line.shown_label", "reg.{n}.label"),
    _row("line.shown_name", "reg.{n}.displayName"),
    _row("line.number", _register),
    _row("line.auth_user", write_auth_user),
    _row("line.password", write_password),
    _row(
        "credential_storage",
        write_storage,
        source="UC Software 4.1.6 addendum p. 41: useLoginCredentials; that device.logincred.* is flash: one source",
        confidence="M",
    ),
    _row("line.registrar", partial(_server, role="server.1")),
    _row("line.expires_s", "reg.{n}.server.1.expires"),
    _row("register_retries", _retries),
    Parameter(setting="line_shared.N", write=_shared, section="line", source=_GUIDE, confidence="H"),
    _row("line.backup_registrar", partial(_server, role="server.2")),
    _row("line.outbound_proxy", partial(_server, role="outboundProxy")),
    _row("line.voicemail", _voicemail),
    _row("mwi_subscribe", _subscribe),
)
