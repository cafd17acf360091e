"""`Registration`: a MAC that is, is to be, or was entered at a maker's redirection service; and the account for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provserver.domain.mac import MacAddress


class RegistrationWish(StrEnum):
    """What the maker's list should say of the MAC."""

    LISTED = "listed"
    GONE = "gone"
    KEPT_OUT = "kept_out"  # gone, and not to be entered again by itself: somebody has taken it out by hand


class RegistrationState(StrEnum):
    """
    How far a wish has come.

    ``sent``: the service may have been told, and nobody knows what came of it: it is looked up, or told again.
    """

    WANTED = "wanted"
    SENT = "sent"
    CONFIRMED = "confirmed"  # listed at the maker; that says nothing of the phone
    SEEN = "seen"  # and the phone has come
    FAILED = "failed"  # and is not tried again by itself
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """
    One MAC at one account. Times are steady milliseconds.

    The URL is derived from the device's id, the *generation* of its tokens and *base_url*. *due_at* None: nothing is to
    be done. *reason* and *said*: what became of the last try, in our words and in the maker's.
    """

    id: str
    account_id: str
    mac: MacAddress
    tenant_id: str
    device_id: str
    serial: str | None
    generation: int
    base_url: str
    wish: RegistrationWish
    state: RegistrationState
    attempts: int = 0
    due_at: int | None = None
    reason: str | None = None
    said: str | None = None
    changed_at: int
    confirmed_at: int | None = None
    seen_at: int | None = None

    @property
    def is_leaving(self) -> bool:
        """Whether it is not to be listed."""
        return self.wish is not RegistrationWish.LISTED

    @property
    def is_settled(self) -> bool:
        """Whether the maker's list is as wished, as far as is known."""
        return self.state in (RegistrationState.CONFIRMED, RegistrationState.SEEN, RegistrationState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectAccount:
    """
    An account at a service. *tenant_id* None: for the devices of all tenants that have none of their own.

    *base_url* None: its devices reach us as all do. *failures*, *paused_until* and *problem* say how the service is.
    *hosts_since* and *hosts_why*: when and why the tenant has chosen that the maker's own server configures its
    devices; None: it has not, and no password leaves.
    """

    id: str
    tenant_id: str | None
    service: str
    endpoint: str
    fields: Mapping[str, str]
    base_url: str | None
    per_s: float | None
    failures: int = 0
    paused_until: int = 0
    problem: str | None = None
    checked_at: int | None = None
    hosts_since: int | None = None
    hosts_why: str | None = None
    updated_at: int


def account_owner(account_id: str) -> str:
    """The owner under which an account's secrets are kept."""
    return f"redirect:{account_id}"
