"""`SecretSlot`: the place of a secret in an artefact, known by its field's name, empty until it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

PROVISIONING_URL = "url.provisioning"  # the device's own token URL, ending in "/": derived, never stored


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_REST, _HOST, _PATH = "rest", "host", "path"


@dataclass(frozen=True, slots=True)
class SecretSlot:
    """
    Stands for the secret called *field*, with fixed text *before* and *after* it (``admin:`` + password).

    Rendering leaves a hole here; the secret is put in while the artefact is being sent. A slot holds no secret.
    *part* is what of a secret that is a URL stands here, see `without_scheme` and its likes; empty: all of it.
    """

    field: str
    before: str = ""
    after: str = ""
    part: str = ""

    def framed(self, *, before: str = "", after: str = "") -> SecretSlot:
        """The same slot with more fixed text around it."""
        return replace(self, before=before + self.before, after=self.after + after)

    def without_scheme(self) -> SecretSlot:
        """The URL from its host on, for makers who have the scheme in a parameter of its own."""
        return replace(self, part=_REST)

    def host(self) -> SecretSlot:
        """The URL's host, with the port if it names one."""
        return replace(self, part=_HOST)

    def path(self) -> SecretSlot:
        """What follows the host, without the slash between them."""
        return replace(self, part=_PATH)

    def scheme(self, **words: str) -> SecretSlot:
        """The URL's scheme alone, in a maker's *words*: ``scheme(http="1", https="2")``."""
        return replace(self, part=",".join(f"{name}={word}" for name, word in words.items()))

    def text(self, secret: str) -> str:
        """
        What stands in the file when *secret* is put in.

        What is no URL is put in whole, wherever a part was asked for: so are the stars of a preview. Raises ValueError,
        without quoting it, for a URL whose scheme the maker has no word for.
        """
        return self.before + self._part_of(secret) + self.after

    def _part_of(self, secret: str) -> str:
        found = _SCHEME.fullmatch(secret) if self.part else None
        if found is None:
            return secret
        host, _, path = found[2].partition("/")
        whole = {_REST: found[2], _HOST: host, _PATH: path}.get(self.part)
        if whole is not None:
            return whole
        words = dict(pair.split("=", 1) for pair in self.part.split(","))
        word = words.get(found[1].lower())
        if word is None:
            problem = "is a URL of a scheme that these phones have no word for"
            raise ValueError(problem)
        return word
