"""
PBXs as registrars: what is the same for every line that registers at one, `PBXS`, and how it is filled in.

A preset is what somebody would have typed, and it is filled in when a line is entered. From then on the line is a line
like all others: a preset that changes with another version changes no phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from provserver.domain.line import Endpoint, Line, Transport
from provserver.domain.parameters import Confidence
from provserver.errors import InvalidValue


class AuthName(StrEnum):
    """By which name a PBX authenticates: one of its own for each extension, or the extension itself."""

    OWN = "own"
    USER_NAME = "user_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that holds at every installation of a PBX, and how sure that is."""

    value: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class PBX:
    """
    One PBX. What is not known to be the same everywhere is not in it: such things are entered.

    *ports* by transport; *proxy_port* is where its session border controller on the customer's premises listens for
    phones; *settings* are those of the device.
    """

    slug: str
    name: str
    auth_name: Fact  # one of AuthName
    ports: Mapping[Transport, Fact]
    proxy_port: Fact | None = None
    voicemail: Fact | None = None
    settings: Mapping[str, Fact] = field(default_factory=dict)

    def fill(self, line: Line) -> Line:
        """
        *line* with what it leaves open and this PBX has an answer to.

        Raises InvalidValue of ``auth_name`` for one by which nobody can register here.
        """
        if self.auth_name.value == AuthName.OWN and line.auth_name is None:
            raise InvalidValue("auth_name", f"is empty; {self.name} authenticates by another name than the user name")
        if self.auth_name.value == AuthName.USER_NAME and line.auth_name not in (None, line.user_name):
            raise InvalidValue("auth_name", f"is not the user name, by which {self.name} authenticates")
        return replace(
            line,
            registrar=self._at_its_port(line.registrar),
            backup_registrar=self._at_its_port(line.backup_registrar) if line.backup_registrar else None,
            outbound_proxy=self._proxy(line.outbound_proxy),
            voicemail=line.voicemail or (self.voicemail.value if self.voicemail else None),
        )

    @property
    def device_settings(self) -> dict[str, str]:
        """Settings of a device that has a line here."""
        return {name: fact.value for name, fact in self.settings.items()}

    def _at_its_port(self, endpoint: Endpoint) -> Endpoint:
        port = self.ports.get(endpoint.transport)
        return endpoint if endpoint.port or port is None else replace(endpoint, port=int(port.value))

    def _proxy(self, endpoint: Endpoint | None) -> Endpoint | None:
        if endpoint is None or endpoint.port or self.proxy_port is None or endpoint.transport is Transport.DNS:
            return endpoint
        return replace(endpoint, port=int(self.proxy_port.value))


def find_pbx(slug: str) -> PBX:
    """The PBX called *slug*; raises InvalidValue."""
    for pbx in PBXS:
        if pbx.slug == slug.lower():
            return pbx
    raise InvalidValue("pbx", f"{slug!r} is not one of {', '.join(pbx.slug for pbx in PBXS)}")


_3CX_VARIABLES = "3CX provisioning template variables (extension_number, extension_auth_id, local_sbc_port)"
_SAIL = "SARK/SAIL 6.0.1, its Asterisk peers and phone templates"

PBXS: tuple[PBX, ...] = (
    PBX(
        slug="3cx",
        name="3CX",
        auth_name=Fact(value=AuthName.OWN, source=_3CX_VARIABLES, confidence="H"),
        ports={
            Transport.UDP: Fact(value="5060", source="3CX, ports used", confidence="M"),
            Transport.TCP: Fact(value="5060", source="3CX, ports used", confidence="M"),
            Transport.TLS: Fact(value="5061", source="3CX, ports used", confidence="M"),
        },
        # 5090 is the tunnel between SBC and PBX; no phone speaks it.
        proxy_port=Fact(value="5060", source="3CX SBC's own default; nowhere seen in writing", confidence="L"),
        voicemail=Fact(value="999", source="3CX's default dial code; a PBX may have another", confidence="L"),
    ),
    PBX(
        slug="sark",
        name="SARK",
        auth_name=Fact(value=AuthName.USER_NAME, source=_SAIL, confidence="H"),
        ports={
            Transport.UDP: Fact(value="5060", source=_SAIL, confidence="H"),
            Transport.TCP: Fact(value="5060", source=_SAIL, confidence="H"),
            Transport.TLS: Fact(value="5061", source=_SAIL, confidence="H"),
        },
        voicemail=Fact(value="*50*", source=_SAIL, confidence="H"),
        settings={
            "registrar_kind": Fact(value="asterisk", source=_SAIL, confidence="H"),
            "codecs": Fact(value="pcma,pcmu", source="SARK/SAIL 5.0.0, allow= of its device table", confidence="M"),
        },
    ),
)
