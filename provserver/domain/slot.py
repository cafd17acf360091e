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

    *part* is for a secret that is a URL, where a maker has a parameter each for protocol, host, port and path; *words*
    are what the maker calls a protocol, see `scheme`.
    Rendering leaves a hole here; the secret is put in while the artefact is being sent. A slot holds no secret.
    """

    field: str
    before: str = ""
    after: str = ""
    part: URLPart = URLPart.WHOLE
    words: str = ""

    def framed(self, *, before: str = "", after: str = "") -> SecretSlot:
        """The same slot with more fixed text around it."""
        return replace(self, before=before + self.before, after=self.after + after)

    def only(self, part: URLPart) -> SecretSlot:
        """The same slot for one *part* of the URL that it stands for."""
        return replace(self, part=part)

    def scheme(self, **words: str) -> SecretSlot:
        """The URL's scheme in a maker's own *words*: ``scheme(http="1", https="2")``."""
        return replace(self, part=URLPart.SCHEME_WORD, words=",".join(f"{name}={word}" for name, word in words.items()))

    def filled(self, secret: str) -> str:
        """
        What is written here for the *secret*.

        Raises ValueError, without quoting it, for a URL whose scheme the maker has no word for.
        """
        if self.part is URLPart.WHOLE:  # nearly always: this is done for every secret of every answer
            return self.before + secret + self.after
        text = part_of(secret, self.part)
        if self.words and text != secret:  # what is no URL is put in whole: the stars of a preview
            text = dict(pair.split("=", 1) for pair in self.words.split(",")).get(text, "")
            if not text:
                problem = "is a URL of a scheme that these phones have no word for"
                raise ValueError(problem)
        return self.before + text + self.after
