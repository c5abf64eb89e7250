"""``tickstream replay``: a capture or a recording through the whole topology, on the local host.

The same input gives the same records, byte for byte, on every run: nothing in the topology reads
a clock, and the signing key is the replay's own.
"""

import time
from pathlib import Path
from typing import Any

from config.keys import REPLAY_KEY
from connectors import forms
from connectors.play import play
from connectors.publish import Publisher
from connectors.selection import EVERYTHING, Selection
from console import context, recording
from console.context import Context
from console.errors import Failure
from console.tally import Tally
from sinks.clickhouse.writer import ClickHouseWriter
from streams.local_host import LocalHost
from streams.warm_up import warm_up


def replay(
    source: Path, config: Path | None, clickhouse: str | None, wanted: Selection = EVERYTHING
) -> dict[str, Any]:
    """What ``replay --json`` prints. Raises Failure for what is neither capture nor recording."""
    made = context.make(config, REPLAY_KEY)
    if not source.exists():
        raise Failure(f"{source}: there is no such file or folder")
    warm_up(made.configs)
    tally = Tally()
    writer = ClickHouseWriter(clickhouse) if clickhouse else None
    host = LocalHost(made.configs, made.codec, [tally, writer.add] if writer else [tally])
    started = time.perf_counter()
    form = feed(source, made, host, wanted)
    if writer:
        writer.close()
    facts = tally.facts(time.perf_counter() - started)
    return {"source": str(source), "form": form, **facts}


def feed(source: Path, made: Context, host: LocalHost, wanted: Selection) -> str:
    """Puts the source into the log; says what it was recognised as. Raises Failure."""
    if recording.is_one(source):
        if wanted != EVERYTHING:
            raise Failure(
                f"{source}: a recording is replayed whole, with its orders; put it into a lake "
                "(tickstream data import) and replay a part of that"
            )
        _feed_recording(source, host)
        return "recording"
    try:
        name, pieces = forms.recognise(source, wanted=wanted)
    except forms.UnknownForm as error:
        raise Failure(f"{error}; folders that tickstream record made") from error
    connectors = made.settings.connectors
    publisher = Publisher(
        host,
        made.codec,
        "capture",
        f"capture/{source.name}",
        connectors.frame_events,
        connectors.clock,
    )
    play(pieces, publisher, tuple(made.settings.accounts), connectors.clock)
    return name


def _feed_recording(source: Path, host: LocalHost) -> None:
    """Only what came from outside; the topology makes the rest again."""
    recording.read_manifest(source)
    taken: set[tuple[str, object]] = set()
    for topic in ("ticks", "orders"):
        for item in recording.read_topic(source, topic):
            record = item.record
            outside = record.cause is None or record.cause.writer.startswith("connector.")
            if outside and record.cause and (record.key, record.cause) not in taken:
                taken.add((record.key, record.cause))
                host.send(topic, record.key, record.value, record.cause)
