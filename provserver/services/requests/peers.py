"""`Peers`: which device shows its certificate, and whether its key is really its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from provserver.clock import Clock
from provserver.domain.identity import Doubt, FactoryCertificate, PeerIdentity
from provserver.services.context import Context
from provserver.storage.client_keys import ADD_KEY, FIND_KEY
from provserver.vault.client_certificates import MakerAuthorities

NAMED, DUPLICATE = "named", "duplicate_key"
VERDICTS = (NAMED, DUPLICATE, *(doubt.value for doubt in Doubt))


class Peers:
    """
    Reads certificates by the makers' authorities in *folder*, once they are loaded; before that, nobody is named.

    *counted* is told the verdict on each certificate that was shown.
    """

    def __init__(
        self,
        *,
        context: Context,
        wall: Clock,
        folder: Path | None,
        facts: Mapping[str, FactoryCertificate | None],
        expired_makers: tuple[str, ...],
        counted: Callable[[str], None],
    ) -> None:
        self._context = context
        self._wall = wall
        self._folder = folder
        self._facts = facts
        self._expired_makers = expired_makers
        self._counted = counted
        self._authorities = MakerAuthorities({}, facts={})

    def load(self) -> None:
        """Read the authorities; again when they have changed. Raises ConfigurationError, and the old ones stay."""
        self._authorities = MakerAuthorities.load(self._folder, facts=self._facts, expired_makers=self._expired_makers)

    def identify(self, der: bytes) -> PeerIdentity | None:
        """The device that a certificate names beyond doubt; None proves nothing, and is counted with its reason."""
        found = self._authorities.identify(der, now_ms=self._wall.wall_ms()) if der else Doubt.NOT_VERIFIED
        if isinstance(found, Doubt):
            self._counted(found.value)
            return None
        self._counted(NAMED)
        return found

    async def owns_its_key(self, identity: PeerIdentity) -> bool:
        """
        Whether no other device has shown the same key before; from now on it belongs to this one.

        On the disk when this returns True. Fail closed: raises StorageError when the store cannot say.
        """
        storage = self._context.storage
        rows = await storage.hot("state", FIND_KEY, key=identity.key)
        if not rows:
            at = self._context.clock.now_ms()
            await storage.group.write([(ADD_KEY, ADD_KEY.bind(key=identity.key, mac=identity.mac.value, at=at))])
            rows = await storage.hot("state", FIND_KEY, key=identity.key)  # of two at the same time one was first
        ((owner,),) = rows
        if owner != identity.mac.value:
            self._counted(DUPLICATE)
            return False
        return True
