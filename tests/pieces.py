"""What a phone sends, as the services take it."""

from collections.abc import AsyncIterator


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    """A body that comes in these pieces."""
    for piece in content:
        yield piece
