"""Shows a run while it goes on: the live view on a terminal, a line now and then elsewhere."""

import time

from rich.live import Live

from console.output import progress, say
from console.screen import line, screen
from console.stats import Stats

_PLAIN_EVERY_S = 5.0


class Show:
    """The live view on a terminal, a line now and then elsewhere."""

    def __init__(self, seconds: float, broker: str, quiet: bool) -> None:
        self._seconds, self._broker = seconds, broker
        self._plain = quiet or not progress.is_terminal
        self._live = None if self._plain else Live(console=progress, auto_refresh=False)
        self._next = 0.0

    def __enter__(self) -> "Show":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, stats: Stats) -> None:
        now = time.time()
        if now < self._next:
            return
        if self._live:
            self._next = now + 0.25
            height = progress.size.height
            view = screen(stats, now, self._seconds, self._broker, height)
            self._live.update(view, refresh=True)
        else:
            self._next = now + _PLAIN_EVERY_S
            say(line(stats, now))
