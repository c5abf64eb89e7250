"""The line of a vendor that tells nothing by itself: it is asked, again and again.

The session says what to ask and how often (``Venue.poll_s``), the feed asks no faster than the
vendor's budget allows, and asks nothing twice at a time: where a round of all symbols takes longer
than ``poll_s``, the next begins when it is through. Such a line is open until a request fails.
"""

import asyncio
from collections.abc import AsyncIterator


class PollWire:
    """Open until it is closed, or a request brings no answer."""

    latency = 0.0

    def __init__(self) -> None:
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        raise ConnectionError(await self._broken)
        yield b""  # makes this a generator: nothing comes on such a line

    async def send(self, text: str) -> None:
        raise ConnectionError("nothing can be said on a line that is only asked")

    async def close(self, why: str) -> None:
        if not self._broken.done():
            self._broken.set_result(why)

    async def unanswered(self, why: str) -> None:
        await self.close(why)
