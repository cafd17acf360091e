"""Settings of what leaves the monitor: alerts by webhook; see docs/monitor-exports.md."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from provserver.domain.endpoint import check_endpoint
from provserver.errors import InvalidValue
from provserver.setting_fields import Section


class OutboundSettings(Section):
    """How others are called: the webhook."""

    authorities: Path | None = Field(
        None, description="PEM file of authorities that are believed beside the system's own"
    )
    connect_s: float = Field(5, gt=0, le=60, description="limit for connecting")
    call_s: float = Field(10, gt=0, le=120, description="limit for a whole call")
    reply_bytes: int = Field(8_388_608, ge=65_536, description="largest answer that is read")


class AlertSettings(Section):
    """The webhook that gets the monitor's alerts."""

    webhook: str = Field("", description="URL that gets alerts by POST; https, or http on this machine; empty: none")
    webhook_secret: Path | None = Field(None, description="file with the secret that signs them, for its owner only")

    @field_validator("webhook")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        return _safe_url(url)


def _safe_url(url: str) -> str:
    try:
        if url:
            check_endpoint(url)
    except InvalidValue:
        msg = "must be an https URL, or http on this machine"
        raise ValueError(msg) from None
    return url
