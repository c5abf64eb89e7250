"""A capture, a recording or a lake into a log: what replays, and what makes vectors to train on."""

from pathlib import Path

from config.tree import Settings
from connectors import forms
from connectors.play import at_once, play
from connectors.publish import Publisher
from connectors.selection import EVERYTHING, Selection
from console import recording
from console.context import Context
from console.errors import Failure
from streams.log import Writer


def check_there(source: Path) -> None:
    if not source.exists():
        raise Failure(f"{source}: there is no such file or folder")


def feed(source: Path, made: Context, log: Writer, wanted: Selection = EVERYTHING) -> str:
    """Puts the source into the log; says what it was recognised as. Raises Failure for what is
    neither capture nor recording."""
    if recording.is_one(source):
        if wanted != EVERYTHING:
            raise Failure(
                f"{source}: a recording is replayed whole, with its orders; put it into a lake "
                "(tickstream data import) and replay a part of that"
            )
        feed_recording(source, log)
        return "recording"
    connectors = made.settings.connectors
    span = frame_span(made.settings)
    try:
        name, pieces = forms.recognise(source, wanted=wanted, span_ns=span)
    except forms.UnknownForm as error:
        raise Failure(f"{error}; folders that tickstream record made") from error
    publisher = Publisher(
        log, made.codec, "capture", f"capture/{source.name}", connectors.frame_events, span
    )
    pace = publisher.due if span < connectors.clock else at_once
    play(pieces, publisher, tuple(made.settings.accounts), connectors.clock, pace)
    return name


def frame_span(settings: Settings) -> int:
    """The most time in a frame, ns. Where instruments are looked at together, as little as live: a
    frame is folded whole, so one would see another's events before it has told its own."""
    together = settings.groups or settings.baskets
    return settings.connectors.frame_delay if together else settings.connectors.clock


def feed_recording(source: Path, log: Writer) -> None:
    """Only what came from outside; the topology makes the rest again."""
    recording.read_manifest(source)
    taken: set[tuple[str, object]] = set()
    for topic in ("ticks", "orders"):
        for item in recording.read_topic(source, topic):
            record = item.record
            outside = record.cause is None or _from_outside(record.cause.writer)
            if outside and record.cause and (record.key, record.cause) not in taken:
                taken.add((record.key, record.cause))
                log.send(topic, record.key, record.value, record.cause)


def _from_outside(writer: str) -> bool:
    """Connectors, and people: what these change at the desk belongs to the session."""
    return writer.startswith("connector.") or writer == "desk"
