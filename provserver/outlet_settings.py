"""Settings of what leaves the monitor: alerts by webhook, mail, syslog; bans to CrowdSec. docs/monitor-exports.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from provserver.domain.endpoint import LOOPBACK, check_endpoint
from provserver.errors import InvalidValue
from provserver.setting_fields import Port, Section, Words

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")  # RFC 5321 4.1.2, no quotes
_TARGET = re.compile(r"(udp|tcp|tls)://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}|unix:///[^\s]+")
# RFC 5424 6.2.1, those that are for messages about security, and for local use
FACILITIES = {"auth": 4, "authpriv": 10, "audit": 13, **{f"local{number}": 16 + number for number in range(8)}}


class OutboundSettings(Section):
    """How others are called: the webhook, mail and syslog servers, CrowdSec."""

    authorities: Path | None = Field(
        None, description="PEM file of authorities that are believed beside the system's own"
    )
    connect_s: float = Field(5, gt=0, le=60, description="limit for connecting")
    call_s: float = Field(
        10, gt=0, le=120, description="limit for a whole call, or handing over a mail or syslog messages"
    )
    reply_bytes: int = Field(8_388_608, ge=65_536, description="largest answer that is read")


class AlertSettings(Section):
    """The webhook that gets the monitor's alerts."""

    webhook: str = Field("", description="URL that gets alerts by POST; https, or http on this machine; empty: none")
    webhook_secret: Path | None = Field(None, description="file with the secret that signs them, for its owner only")

    @field_validator("webhook")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        return _safe_url(url)


class MailSettings(Section):
    """Alerts by e-mail."""

    host: str = Field("", pattern=r"^[A-Za-z0-9.:-]*$", description="mail server that takes alerts; empty: none")
    port: Port = Field(587, description="its port: 587 with starttls, 465 with tls")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="both others are verified; none: on this machine only, and without a login"
    )
    user: str = Field("", description="login; empty: none")
    password: Path | None = Field(None, description="file with its password, for its owner only")
    sender: str = Field("", description="address in From")
    recipients: Words = Field((), description="addresses that get alerts")
    per_hour: int = Field(12, ge=1, le=3600, description="mails in the long run; more alerts share one")
    burst: int = Field(3, ge=1, le=100, description="mails at once, one alert each, before that begins")

    @field_validator("recipients")
    @classmethod
    def _are_addresses(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            _checked_address(text)
        return texts

    @field_validator("sender")
    @classmethod
    def _is_address(cls, text: str) -> str:
        return _checked_address(text) if text else text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.host and not (self.sender and self.recipients):
            msg = "host is set, so sender and recipients must be"
            raise ValueError(msg)
        if self.user and self.password is None:
            msg = "user is set, so password must be"
            raise ValueError(msg)
        if self.security == "none" and (self.user or self.host not in {"", *LOOPBACK}):
            msg = "security = none is for a server on this machine, without a login"
            raise ValueError(msg)
        return self


class SyslogSettings(Section):
    """Alerts as CEF in syslog messages (RFC 5424)."""

    target: str = Field(
        "",
        description="`udp://host:514`, `tcp://host:601`, `tls://host:6514` or `unix:///dev/log`; empty: none",
    )
    facility: str = Field("authpriv", description="one of " + ", ".join(FACILITIES))

    @field_validator("target")
    @classmethod
    def _is_target(cls, text: str) -> str:
        if text and not _TARGET.fullmatch(text):
            msg = "must be udp://, tcp:// or tls:// with host and port, or unix:/// with a path"
            raise ValueError(msg)
        return text

    @field_validator("facility")
    @classmethod
    def _is_facility(cls, name: str) -> str:
        if name not in FACILITIES:
            msg = f"must be one of {', '.join(FACILITIES)}"
            raise ValueError(msg)
        return name


class CrowdSecSettings(Section):
    """Bans handed to the local API of CrowdSec."""

    url: str = Field("", description="its local API; https, or http on this machine; empty: none")
    machine: str = Field("provserver", pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="machine login there")
    password: Path | None = Field(None, description="file with its password, for its owner only")

    @field_validator("url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        return _safe_url(url).rstrip("/")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.url and self.password is None:
            msg = "url is set, so password must be"
            raise ValueError(msg)
        return self


class WhereaboutsSettings(Section):
    """Files of networks (MMDB), by which alerts say whose an address is; nothing needs them."""

    asn: Path | None = Field(
        None, description="file that knows autonomous systems, as MaxMind, DB-IP or IPinfo write it"
    )
    country: Path | None = Field(None, description="file that knows countries")


def _safe_url(url: str) -> str:
    try:
        if url:
            check_endpoint(url)
    except InvalidValue:
        msg = "must be an https URL, or http on this machine"
        raise ValueError(msg) from None
    return url


def _checked_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        msg = f"{text!r} is no mail address"
        raise ValueError(msg)
    return text
