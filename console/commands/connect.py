"""``tickstream connect``: a venue's market data into the log, until it is stopped.

``sim`` is the simulated venue; a file is played at the pace it was recorded; ``kraken:BTC-USD`` and
the like are live (``console/live.py``). A connector that is killed and started again goes on where
the log ends.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import REGISTRY, Counter

from config.tree import Settings
from connectors import forms
from connectors.play import play
from connectors.publish import Publisher
from connectors.resume import Published
from connectors.sim import venue as sim
from connectors.sim.venue import SimConfig, SimVenue
from console import context
from console.errors import Failure
from console.live import TimeTeller, live
from console.output import say
from schemas.codec import Codec
from streams.cause import Cause
from streams.kafka import KafkaWriter
from streams.log import Writer
from streams.metrics import serve

_FRAMES = Counter("tickstream_connector_frames", "Frames published")
_EVENTS = Counter("tickstream_connector_events", "Events published")


def run(
    source: str,
    config: Path | None,
    broker: str | None,
    port: int | None,
    capture: Path | None,
    rate: float | None,
    after: str | None = None,
) -> None:
    """Publishes until SIGTERM or SIGINT, or until a file is at its end; begins once ``after``
    answers with 200, so that nothing piles up before a worker that is still compiling."""
    made = context.make(config)
    settings = made.settings
    bootstrap = broker or settings.broker.bootstrap
    context.ensure_topics(settings, bootstrap)
    writer = KafkaWriter(bootstrap, linger_ms=0.5)
    stop = stopped()
    state: dict[str, Any] = {"ok": True, "source": source}
    if port is not None:
        serve(port, REGISTRY, lambda: state)
    say(f"connector: {source} into {bootstrap}")
    if source == "sim":
        sim.warm_up()
    try:
        _await(after, stop)
        if source == "sim":
            simulate(settings, made.codec, writer, stop, rate, bootstrap)
        elif Path(source).exists():
            play_file(Path(source), settings, made.codec, writer, stop, bootstrap)
        else:
            asyncio.run(live(source, settings, made.codec, writer, stop, capture))
    except InterruptedError:
        say("connector: stopped")
    writer.flush()


def _await(address: str | None, stop: threading.Event) -> None:
    """Raises InterruptedError when it is stopped meanwhile."""
    while address and not stop.is_set():
        try:
            if httpx.get(address, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        stop.wait(0.1)
    if stop.is_set():
        raise InterruptedError


def stopped() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def simulate(
    settings: Settings,
    codec: Codec,
    writer: Writer,
    stop: threading.Event,
    rate: float | None,
    bootstrap: str | None,
) -> None:
    """The simulated venue at the wall clock's pace; its time starts when it is first started."""
    sim.warm_up()
    seed, wanted = settings.sim.seed, rate or settings.sim.rate
    published = Published(bootstrap, "connector.sim") if bootstrap else None
    source = published.source() if published else None
    prefix = f"sim/{seed}/{wanted:g}/"
    start = int(source.removeprefix(prefix)) if source and source.startswith(prefix) else None
    start = start or time.time_ns()
    source = f"{prefix}{start}"
    venue = SimVenue(SimConfig(seed, wanted, start, max_events=settings.connectors.frame_events))
    have = {
        i.name: published.position(source, i.name) if published else -1 for i in venue.instruments
    }
    tell_time = TimeTeller(settings, codec, writer, [i.name for i in venue.instruments])
    while not stop.is_set():
        now = time.time_ns()
        for step, frame in venue.advance(now):
            if step > have[frame.instrument]:
                cause = Cause("connector.sim", source, step, 0)
                writer.send("ticks", frame.instrument, codec.encode(frame), cause)
                _FRAMES.inc()
                _EVENTS.inc(len(frame))
            if stop.is_set():
                return
        tell_time(now)
        time.sleep(0.002)


def play_file(
    path: Path,
    settings: Settings,
    codec: Codec,
    writer: Writer,
    stop: threading.Event,
    bootstrap: str | None,
    pace: bool = True,
) -> None:
    """Recorded data at the pace of its times. Raises Failure when it is none, and
    InterruptedError when it is stopped on the way."""
    try:
        _, pieces = forms.recognise(path)
    except forms.UnknownForm as error:
        raise Failure(str(error)) from error
    source = f"capture/{path.name}"
    published = Published(bootstrap, "connector.capture") if bootstrap else None

    def last(key: str) -> int:
        return published.position(source, key) if published else -1

    publisher = Publisher(
        writer,
        codec,
        "capture",
        source,
        settings.connectors.frame_events,
        settings.connectors.frame_delay,
        last,
    )
    waits = _pacer(stop) if pace else _unless(stop)
    accounts = tuple(settings.accounts)
    play(pieces, publisher, accounts, settings.connectors.clock, waits)


def _unless(stop: threading.Event) -> Callable[[int], None]:
    def go_on(_: int) -> None:
        if stop.is_set():
            raise InterruptedError

    return go_on


def _pacer(stop: threading.Event) -> Callable[[int], None]:
    """Waits until as much time has passed as between the first line and this one."""
    offset: int | None = None

    def wait(at: int) -> None:
        nonlocal offset
        now = time.time_ns()
        offset = now - at if offset is None else offset
        ahead = at + offset - now
        if stop.is_set() or (ahead > 10**6 and stop.wait(ahead / 1e9)):
            raise InterruptedError

    return wait
