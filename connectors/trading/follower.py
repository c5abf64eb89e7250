"""Calls that follow from what a venue said: pages, missing fills, lookups. One at a time, each
once; what fails a few times is left to the next reconciliation."""

import asyncio
import random
from dataclasses import dataclass, field

from connectors.reconnect import Backoff
from connectors.trading.journal import Journal
from connectors.trading.sender import Sender
from connectors.trading.session import Call, Verdict

_TRIES = 5


@dataclass(slots=True)
class Follower:
    sender: Sender
    journal: Journal
    _calls: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    _waiting: dict[Call, None] = field(default_factory=dict)

    def follow(self, calls: list[Call]) -> None:
        """Queues calls; one that waits already is not queued twice."""
        for call in calls:
            if call not in self._waiting:
                self._waiting[call] = None
                self._calls.put_nowait(call)

    @property
    def idle(self) -> bool:
        return not self._waiting

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            call = await self._calls.get()
            await self._one(call)
            del self._waiting[call]

    async def _one(self, call: Call) -> None:
        backoff = Backoff(random.Random(), 0.2)
        for _ in range(_TRIES):
            answer = await self.sender.ask(call)
            self.journal.told(answer.told)
            self.follow(answer.then)
            if answer.verdict is not Verdict.UNKNOWN:
                return
            await asyncio.sleep(backoff.delay(0.0))
