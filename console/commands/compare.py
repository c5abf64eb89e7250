"""``tickstream compare``: a recorded live session beside the paper venue's replay of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from config.accounts import reference
from console import compare_facts, recording
from console.context import Context
from console.errors import Failure
from console.output import say
from console.report.comparison import page
from research.compare import session as sessions
from research.compare.comparison import Comparer, Comparison
from research.compare.money import Valuer, equity
from research.compare.session import LiveSession
from schemas.codec import Message
from schemas.frames import MarketFrame
from schemas.inbox import ExecutionReport, Mark
from schemas.records import Clock, Status
from streams import kafka
from streams.operators.risk.instruments import Reference
from streams.operators.risk.pnl import UnknownMark

NEEDED = ("ticks", "orders", "execution")
_POINTS = 1500  # of a line


def compare(
    made: Context, folder: Path, account: str, instrument: str, out: Path | None
) -> dict[str, Any]:
    """What ``compare --json`` prints. Raises Failure for a folder that holds no complete
    recording, or none of a live session."""
    _complete(folder)
    known = reference(made.settings)
    session = _session(made, folder, account, instrument, known)
    count = len(recording.partitions(folder, "ticks"))

    def market_of(name: str) -> Iterator[MarketFrame | Clock | Status]:
        return _market(made, folder, name, kafka.partition_of(name, count))

    for name in session.instruments:
        if not any(isinstance(record, MarketFrame) for record in market_of(name)):
            raise Failure(f"{folder}: ticks hold no market data of {name}, which was traded")
    say(f"replaying {len(session.orders)} orders in {', '.join(session.instruments)}")
    comparer = Comparer(session, market_of, made.configs, made.codec, known)
    try:
        comparison = comparer.compare()
    except UnknownMark as error:
        raise Failure(
            f"{folder}: the inbox of {session.account} has no mark of an instrument that was "
            f"filled: {error}; record all topics of a session in which the builder ran"
        ) from error
    facts = compare_facts.facts(folder, session, comparison)
    target = out or folder / f"compare-{session.account}.html"
    target.write_text(page(facts, _series(session, comparison, known)))
    return facts | {"report": str(target)}


def _complete(folder: Path) -> None:
    topics = recording.read_manifest(folder).get("topics", {})
    for topic in NEEDED:
        if not topics.get(topic) or not recording.partitions(folder, topic):
            raise Failure(
                f"{folder}: lacks the topic {topic}; record all of {', '.join(NEEDED)}, or leave "
                "--topics out"
            )


def _messages(made: Context, folder: Path, topic: str) -> Iterator[tuple[str, Message]]:
    """Each record once, with its writer."""
    for partition in recording.partitions(folder, topic):
        for item in recording.fresh(recording.read_partition(folder, topic, partition)):
            cause = item.record.cause
            yield cause.writer if cause else "", made.codec.decode(item.record.value)


def _session(
    made: Context, folder: Path, account: str, instrument: str, known: Reference
) -> LiveSession:
    inbox = [
        (writer, message)
        for writer, message in _messages(made, folder, "orders")
        if isinstance(message, ExecutionReport | Mark)
    ]
    chosen = _account(folder, inbox, account)
    approved = (message for _, message in _messages(made, folder, "execution"))
    session = sessions.read(chosen, known, approved, inbox)
    if instrument and instrument not in session.instruments:
        traded = ", ".join(session.instruments) or "none"
        raise Failure(f"{folder}: {chosen} sent no order in {instrument}; it traded {traded}")
    if instrument:
        session.only(instrument)
    if not session.orders:
        raise Failure(
            f"{folder}: {chosen} has answers of its venue, but execution holds none of its "
            "approved orders: they are older than the recording, or were sent by hand"
        )
    return session


def _account(folder: Path, inbox: Sequence[tuple[str, Message]], account: str) -> str:
    """The one that a live venue answered."""
    told = [(writer, m.account) for writer, m in inbox if isinstance(m, ExecutionReport)]
    live = sorted({name for writer, name in told if writer == f"trade.{name}"})
    if account and account in live:
        return account
    if not live:
        raise Failure(
            f"{folder}: holds no order that a live venue answered ({len(told)} reports of the "
            "paper venue); record a session in which tickstream trade sent orders"
        )
    if account:
        raise Failure(f"{folder}: {account} has no live orders; {', '.join(live)} has")
    if len(live) > 1:
        raise Failure(f"{folder}: several accounts traded live; add --account {' or '.join(live)}")
    return live[0]


def _market(
    made: Context, folder: Path, instrument: str, partition: int
) -> Iterator[MarketFrame | Clock | Status]:
    """What came from outside, in the order of the log."""
    for item in recording.fresh(recording.read_partition(folder, "ticks", partition)):
        record = item.record
        if record.key != instrument:
            continue
        message = made.codec.decode(record.value)
        if isinstance(message, MarketFrame | Clock | Status):
            yield message


def _series(
    session: LiveSession, found: Comparison, known: Reference
) -> dict[str, list[tuple[float, float]]]:
    valuer, made = Valuer(session.marks, known, 0), {}
    for name in ("live", "paper", "fitted"):
        outcomes = {c.asked.order.cl_ord_id: getattr(c, name).outcome for c in found.orders}
        points = equity(valuer, session.orders.values(), outcomes)
        points = points[:: max(1, len(points) // _POINTS)] + points[-1:]
        made[name] = [(ts / 1e9, float(value)) for ts, value in points]
    return made
