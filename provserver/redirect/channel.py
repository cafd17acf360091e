"""
The way to one maker's service: a `Channel` keeps its pace, and tries again after a blip.

How a request leaves is `outbound.http`'s; retries for blips are here and nowhere else; what lasts longer, the queue
waits for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import stamina
from stamina.instrumentation import set_on_retry_hooks

from provserver.clock import Clock
from provserver.errors import AccountRefused, IdentityRefused, PeerError, ServiceUnreachable
from provserver.outbound.http import Answer, Counted, Outside, Request
from provserver.redirect.pace import Pace
from provserver.redirect.protocol import spoken

_ATTEMPTS = 3  # of one call; a blip is over by then, and the queue waits for what is not
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 2.0
_RETRY_AFTER_S = 2.0  # a service that wants more time gets it, from the queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Answer):
    """An answer of a maker's service."""

    def demand_ok(self) -> None:
        """Raise AccountRefused for 401 and 403, ServiceUnreachable for anything else that is no success."""
        self.demand_let_in()
        if not self.ok:
            raise ServiceUnreachable(f"it answers {self.status}")

    def demand_let_in(self) -> None:
        """Raise AccountRefused for 401 and 403."""
        if self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise AccountRefused(f"it answers {self.status} {spoken(self.body.decode('utf-8', 'replace'))}".rstrip())

    def json(self) -> Any:  # noqa: ANN401 - whatever the service sends
        """The body as JSON; raises ServiceUnreachable if it is none, such as a proxy's page."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise ServiceUnreachable(f"its answer ({self.status}) is no JSON") from None


class Channel:
    """
    The way to one service, for one account, out through *outside* at *pace*.

    *counted* is told what became of each try and how long it took, in seconds.
    """

    def __init__(
        self, outside: Outside, *, pace: Pace, clock: Clock, counted: Counted = lambda _result, _seconds: None
    ) -> None:
        set_on_retry_hooks(())  # tries are counted by us; the library would log what they were called with
        self._outside = outside
        self._pace = pace
        self._clock = clock
        self._counted = counted

    async def send(self, make: Callable[[], Request] | Callable[[], Awaitable[Request]]) -> Reply:
        """
        Send what *make* gives; it is called for every try, so that each is signed anew.

        Raises ServiceUnreachable when the last try got no answer, or one that says "later" (429, 5xx), or a redirect;
        AccountRefused when the account's certificate is not accepted.
        """
        async for attempt in stamina.retry_context(
            on=_worth_another_try,
            attempts=_ATTEMPTS,
            timeout=self._outside.limits.call_s,
            wait_initial=_FIRST_WAIT_S,
            wait_max=_LONGEST_WAIT_S,
            wait_jitter=_FIRST_WAIT_S,
        ):
            made = make()  # outside of the attempt: what it asks for itself has been tried often enough
            request = await made if isinstance(made, Awaitable) else made
            with attempt:
                return await self._once(request)
        raise AssertionError  # not reached: the last attempt returns or raises

    async def _once(self, request: Request) -> Reply:
        await self._pace.turn()
        try:
            answer = await self._outside.exchange(request, counted=self._counted)
        except IdentityRefused as error:
            raise AccountRefused(str(error)) from None
        except PeerError as error:
            raise ServiceUnreachable(str(error)) from None
        if answer.result == "answered":
            return Reply(status=answer.status, headers=answer.headers, body=answer.body)
        if answer.is_redirect:
            raise ServiceUnreachable("it answers with a redirect, which is not followed")
        raise ServiceUnreachable(f"it answers {answer.status}", retry_after_s=answer.retry_after_s(self._clock))


def _worth_another_try(error: Exception) -> bool | float:
    """For stamina: whether to try again here, or after how many seconds."""
    if not isinstance(error, ServiceUnreachable):
        return False
    if error.retry_after_s is None:
        return True
    return error.retry_after_s if error.retry_after_s <= _RETRY_AFTER_S else False
