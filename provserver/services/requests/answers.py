"""What comes out of a request: `Answer` for the phone, `Facts` for the log, `Refusal` on the way to an answer."""

from __future__ import annotations

from dataclasses import dataclass

from provserver.domain.request import ProvRequest
from provserver.domain.stored_file import StoredFile
from provserver.identify import Agent, Asked
from provserver.metric_labels import Outcome
from provserver.release import Login, Proof, Reason
from provserver.services.records import Artefact, Record
from provserver.services.requests.deliveries import Delivery


@dataclass(slots=True, kw_only=True)
class Answer:
    """
    What a request gets: *outcome* is one of the words in the metrics, *reason* why it was refused.

    *delivery* is there when credentials leave: the listener reports how that ended. *artefact* is what the body was
    made of.
    """

    outcome: Outcome
    status: int
    body: bytes = b""
    file: StoredFile | None = None  # instead of a body
    sent_bytes: int = 0  # of the file; the listener says so
    content_type: str = ""
    content_encoding: str = ""
    etag: str | None = None
    changed: str | None = None  # as HTTP writes a time
    reason: str | None = None
    delivery: Delivery | None = None
    artefact: Artefact | None = None
    challenge: str = ""  # header lines that ask for a login
    facts: Facts


@dataclass(slots=True, kw_only=True)
class Facts:
    """What was found out about a request on the way, for its log line."""

    asked: Asked | None = None
    agent: Agent | None = None
    token: bytes | None = None
    record: Record | None = None
    proof: Proof | None = None
    login: Login | None = None

    @property
    def vendor(self) -> str | None:
        """The maker: the device's own if it is known, else what the User-Agent claims."""
        if self.record is not None:
            return self.record.access.device.vendor
        return self.agent.vendor if self.agent else None

    @property
    def agent_differs(self) -> bool:
        """Whether the User-Agent says that it is another phone than the device that was found."""
        if self.record is None or self.agent is None:
            return False
        device = self.record.access.device
        return self.agent.contradicts(device.vendor, device.mac)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Exception):
    """Nothing goes out, for this reason."""

    reason: Reason
    outcome: Outcome = "refused"


def is_plain(request: ProvRequest) -> bool:
    """Whether the path is all that the decision on it depends on, beside the device."""
    others = request.query or request.legacy or request.tftp or request.authorization or request.form
    return not (others or request.certificate is not None)
