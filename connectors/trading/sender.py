"""Sends calls to a venue within its budget, and says what is known of their fate.

A call that never reached the venue is the same again later; one that may have reached it is
``UNKNOWN``. A venue that says "too many" is left alone for as long as it says, by all calls. What
a session needs ``before`` its calls is fetched once, whoever waits for it.
"""

import asyncio
import time
from collections.abc import Callable

import httpx

from connectors.trading.budgets import Budgets
from connectors.trading.session import Answer, Call, OrderSession, VenueRefuses, Verdict

_AGAIN_S = 1.0


def refuses(session: OrderSession, text: str) -> VenueRefuses:
    return VenueRefuses(
        f"{session.venue} does not take the keys of account {session.tracker.account} ({text}); "
        "are they for this endpoint?"
    )


class Sender:
    """``now_ns`` is the wall clock that requests are signed with."""

    def __init__(
        self,
        session: OrderSession,
        http: httpx.AsyncClient,
        budgets: Budgets,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._session, self._http, self._budgets = session, http, budgets
        self._now_ns = now_ns
        self._fetching, self._turn = asyncio.Lock(), asyncio.Lock()
        self._paused_until = 0.0
        self.calls = 0

    async def ask(self, call: Call) -> Answer:
        """The venue's word on a call, or UNKNOWN. Raises VenueRefuses."""
        while True:
            missing = await self._fetch_first()
            answer = missing or await self._once(call)
            if answer.verdict is Verdict.UNAUTHORISED:
                raise refuses(self._session, answer.text)
            if answer.verdict is not Verdict.WAIT:
                return answer
            self._paused_until = time.monotonic() + answer.wait_s

    async def _fetch_first(self) -> Answer | None:
        """Fetches what the session needs; the answer that shows why it has it not."""
        async with self._fetching:
            while call := self._session.before(self._now_ns()):
                answer = await self._once(call)
                if answer.verdict is Verdict.UNKNOWN:
                    return Answer(Verdict.WAIT, wait_s=_AGAIN_S, text=answer.text)
                if answer.verdict is not Verdict.DONE:
                    return answer
        return None

    async def _once(self, call: Call) -> Answer:
        await asyncio.sleep(self._budgets.delay(call, time.monotonic()))
        await asyncio.sleep(max(self._paused_until - time.monotonic(), 0.0))
        if not self._session.in_order:
            return await self._send(call)
        async with self._turn:
            return await self._send(call)

    async def _send(self, call: Call) -> Answer:
        out = self._session.signed(call, self._now_ns())
        self.calls += 1
        try:
            response = await self._http.request(
                out.method, out.url, headers=out.headers, content=out.content
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Answer(Verdict.WAIT, wait_s=_AGAIN_S, text=type(error).__name__)
        except httpx.HTTPError as error:
            return Answer(Verdict.UNKNOWN, text=f"{type(error).__name__}: {error}")
        headers = {name.lower(): value for name, value in response.headers.items()}
        at = self._now_ns()
        return self._session.answer(call, response.status_code, headers, response.content, at)
