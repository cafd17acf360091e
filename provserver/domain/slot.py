"""`SecretSlot`: the place of a secret in an artefact, known by its field's name, empty until it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

PROVISIONING_URL = "url.provisioning"  # the device's own token URL, ending in "/": derived, never stored


@dataclass(frozen=True, slots=True)
class SecretSlot:
    """
    Stands for the secret called *field*, with fixed text *before* and *after* it (``admin:`` + password).

    Rendering leaves a hole here; the secret is put in while the artefact is being sent. A slot holds no secret.
    """

    field: str
    before: str = ""
    after: str = ""

    def framed(self, *, before: str = "", after: str = "") -> SecretSlot:
        """The same slot with more fixed text around it."""
        return replace(self, before=before + self.before, after=self.after + after)
