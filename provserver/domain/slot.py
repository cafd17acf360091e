"""`SecretSlot`: the place of a secret in an artefact, known by its field's name, empty until it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from provserver.domain.provisioning_url import URLPart, part_of

PROVISIONING_URL = "url.provisioning"  # the device's own token URL, ending in "/": derived, never stored

__all__ = ["PROVISIONING_URL", "SecretSlot", "URLPart"]


@dataclass(frozen=True, slots=True)
class SecretSlot:
    """
    Stands for the secret called *field*, with fixed text *before* and *after* it (``admin:`` + password).

    *part* is for a secret that is a URL, where a maker has a parameter each for protocol, host, port and path.
    Rendering leaves a hole here; the secret is put in while the artefact is being sent. A slot holds no secret.
    """

    field: str
    before: str = ""
    after: str = ""
    part: URLPart = URLPart.WHOLE

    def framed(self, *, before: str = "", after: str = "") -> SecretSlot:
        """The same slot with more fixed text around it."""
        return replace(self, before=before + self.before, after=self.after + after)

    def only(self, part: URLPart) -> SecretSlot:
        """The same slot for one *part* of the URL that it stands for."""
        return replace(self, part=part)

    def filled(self, secret: str) -> str:
        """What is written here for the *secret*."""
        return self.before + part_of(secret, self.part) + self.after
