"""How another program is sent something: `post`, one request with limits for time and size, and no detours."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from provserver.errors import PeerError

LIMIT_S = 10  # for name, connection, handshake, request and the head of the answer together
_HEAD_BYTES = 8_190  # of one header line and of the status line; aiohttp's own default, said here because it guards us


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """
    Send *body* by POST; gives the status. The answer's body is not read: nothing in it is of use.

    No redirect is followed, because the signed body is for one receiver, and proxies of the environment are not asked.
    Raises PeerError, which holds neither path nor query of the URL: they may be a secret of the receiver's.
    """
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=LIMIT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                max_line_size=_HEAD_BYTES,
                max_field_size=_HEAD_BYTES,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
    except TimeoutError as error:
        raise PeerError(f"no answer within {LIMIT_S} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise PeerError(f"cannot be reached: {type(error).__name__}") from error
