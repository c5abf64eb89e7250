"""The only loop that downloads history: sends a pager's requests within the vendor's budget, and
again after what passes by (a lost line, 429, 5xx, a damaged answer).

Time comes from outside, so that a test need not wait.
"""

import random
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import httpx

from connectors.history import Bad, Page, Pager, Request, Wanted
from connectors.rate_limit import Budget
from connectors.reconnect import Backoff

_ATTEMPTS = 8
_TIMEOUT_S = 60.0
_BUSY = 429
_NOT_FOUND = 404


class DownloadError(Exception):
    """The vendor does not give what was asked: what, why, and what to do."""


class Downloader:
    """Of one vendor; to be closed."""

    def __init__(
        self,
        pager: Pager,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self._pager, self._clock, self._sleep = pager, clock, sleep
        self._rng = rng or random.Random()
        self._budget = Budget(1, 60 / pager.vendor.budget)  # evenly: no burst that a window refuses
        self._client = httpx.Client(headers=dict(pager.vendor.headers), timeout=_TIMEOUT_S)
        self.requests = self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.close()

    def pages(self, wanted: Wanted) -> Iterator[Page]:
        """All there is of a day, page by page. Raises DownloadError."""
        request: Request | None = self._pager.first(wanted)
        while request is not None:
            page = self._page(wanted, request)
            if page is None:
                return
            yield page
            request = page.next

    def _page(self, wanted: Wanted, request: Request) -> Page | None:
        """None when there is nothing."""
        backoff, problem = Backoff(self._rng), ""
        for _ in range(_ATTEMPTS):
            self._sleep(self._budget.delay(1, self._clock()))
            self.requests += 1
            wait = 0.0
            try:
                answer = self._client.get(request.url, params=dict(request.query) or None)
                self.bytes += len(answer.content)
                if answer.status_code == _NOT_FOUND and self._pager.absent(wanted, request):
                    return None
                if answer.is_success:
                    return self._pager.read(wanted, request, answer.content)
                problem = f"{answer.status_code} {_said(answer)}"
                if answer.status_code != _BUSY and answer.status_code < 500:
                    raise DownloadError(self._words(wanted, problem))
                wait = _after(answer)
            except httpx.HTTPError as error:
                problem = str(error) or type(error).__name__
            except Bad as error:
                problem = str(error)
            self._sleep(max(wait, backoff.delay(0.0)))
        raise DownloadError(
            self._words(wanted, f"{problem}, {_ATTEMPTS} times; run it again later")
        )

    def _words(self, wanted: Wanted, problem: str) -> str:
        return f"{self._pager.vendor.name}: {wanted.symbol} {wanted.kind}: {problem}"


def _said(answer: httpx.Response) -> str:
    return answer.text.strip()[:200]


def _after(answer: httpx.Response) -> float:
    """What Retry-After says, in seconds."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 120.0) if text.isdigit() else 0.0
