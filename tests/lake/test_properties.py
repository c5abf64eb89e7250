"""What must hold for any rows, however they come: order, exactness, nothing lost, nothing twice."""

import json
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.alpaca.history import AlpacaHistory
from connectors.batch import Batch
from connectors.binance.history import BinanceHistory
from connectors.binance.markets import SPOT
from connectors.events import DepthEvent, Instrument, MarketEvent, QuoteEvent, TradeEvent
from connectors.history import Bad, Request, Wanted, scaled
from connectors.massive.history import MassiveHistory
from connectors.trading.credentials import Credentials
from schemas.frames import MarketFrame
from schemas.lake import files, layout
from sinks.archive.writer import LakeWriter
from streams.cause import Cause
from tests.lake.history import events_of, flat

X = Instrument("V:X", 2, 1)
DAY = 86_400 * 10**9
times = st.integers(19_000 * DAY - 3, 19_000 * DAY + 3)
small = st.integers(1, 3)
sides = st.lists(st.tuples(small, st.integers(0, 2)), max_size=3)
events = st.one_of(
    st.builds(TradeEvent, st.just(X), times, times, st.integers(0, 2), small, small, st.just(1)),
    st.builds(QuoteEvent, st.just(X), times, times, small, small, small, small, small),
    st.builds(DepthEvent, st.just(X), times, times, small, small, st.booleans(), sides, sides),
)


def frames(said: list[MarketEvent], size: int) -> list[MarketFrame]:
    batch, made = Batch(X), []
    for start in range(0, len(said), size):
        for event in said[start : start + size]:
            batch.add(event)
        made.append(batch.frame())
    return made


def write(lake: Path, said: list[MarketFrame], flush_after: set[int], source: str = "a") -> None:
    """With an archive that is killed, and reads from the start again, after some frames."""
    writer = LakeWriter(lake)
    for number, frame in enumerate(said):
        writer.take("ticks", frame, Cause("test", source, number, 0))
        if number in flush_after:
            writer.flush()
            writer = LakeWriter(lake)
            for again in range(number + 1):
                writer.take("ticks", said[again], Cause("test", source, again, 0))
    writer.close()


def contents(lake: Path) -> dict[layout.Place, tuple[int, str]]:
    return {
        place: (manifest.rows, manifest.sha256)
        for place in layout.places(lake)
        for manifest in [files.read_manifest(lake, place)]
    }


@settings(max_examples=40)
@given(st.lists(events, min_size=1, max_size=25), st.integers(1, 5), st.sets(st.integers(0, 24)))
def test_rows_come_back_as_they_came_whatever_is_killed(
    said: list[MarketEvent], size: int, kills: set[int]
) -> None:
    # a source's clock does not go back: it is what orders the days of a lake
    clocks = sorted(event.ts_recv for event in said)
    said = [event._replace(ts_recv=at) for event, at in zip(said, clocks, strict=True)]
    made = frames(said, size)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "whole", made, set())
        write(Path(folder) / "killed", made, kills)
        assert contents(Path(folder) / "whole") == contents(Path(folder) / "killed")
        expected = [event for frame in frames(said, len(said)) for event in events_of(frame)]
        assert flat(Path(folder) / "whole")["V:X"] == expected


@settings(max_examples=40)
@given(st.lists(events, max_size=12), st.lists(events, max_size=12), st.lists(events, max_size=12))
def test_two_sources_that_overlap_give_what_either_has(
    first: list[MarketEvent], both: list[MarketEvent], second: list[MarketEvent]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        write(lake, frames(first + both, 4), set(), "a")
        write(lake, frames(both + second, 3), set(), "b")
        found = Counter(said for place in layout.places(lake) for said in says(lake, place))
    a, b = (Counter(map(what, part)) for part in (first + both, both + second))
    assert found == a | b  # of each, as often as the source that has it most often


def what(event: MarketEvent) -> str:
    """All but when it was received; of a trade with an id, its id, price, size and second."""
    at = event.ts_event
    if isinstance(event, TradeEvent):
        number, price, size = event.trade_id, event.price, event.size
        return str(("trades", at // 10**9 if number else at, number, price, size))
    if isinstance(event, QuoteEvent):
        return str(("quotes", at, *event[3:]))
    assert isinstance(event, DepthEvent)
    seqs = (event.seq, event.prev_seq, int(event.snapshot))
    return str(("depth", at, *seqs, event.bids, event.asks))


def says(lake: Path, place: layout.Place) -> list[str]:
    rows, _ = files.read(lake, place)
    columns = {name: column.tolist() for name, column in rows.columns.items()}
    if place.kind == "depth":
        levels = list(zip(columns["price"], columns["size"], strict=True))
        found, at = [], 0
        heads = [columns[name] for name in ("ts_event", "seq", "prev_seq", "snapshot")]
        for *head, bids, asks in zip(*heads, columns["bids"], columns["asks"], strict=True):
            middle, end = at + bids, at + bids + asks
            found.append(str(("depth", *head, levels[at:middle], levels[middle:end])))
            at = end
        return found
    if place.kind == "trades":
        names = ("ts_event", "trade_id", "price", "size")
        trades = zip(*(columns[name] for name in names), strict=True)
        return [str(("trades", at // 10**9 if n else at, n, *more)) for at, n, *more in trades]
    names = ("ts_event", "seq", "bid", "bid_size", "ask", "ask_size")
    return [str(("quotes", *row)) for row in zip(*(columns[n] for n in names), strict=True)]


KEYS = Credentials("k", "s")
PAGERS = (AlpacaHistory(KEYS), MassiveHistory(KEYS), BinanceHistory(SPOT))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
answers = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["trades", "quotes", "bars", "results", "next_url", "t", "p", "s"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@given(
    st.one_of(st.binary(max_size=60), answers.map(lambda tree: json.dumps(tree).encode())),
    st.sampled_from(["trades", "quotes", "bars"]),
)
def test_no_answer_makes_a_pager_fail_but_by_name(body: bytes, kind: str) -> None:
    for pager in PAGERS:
        with suppress(Bad):
            pager.read(Wanted("X", kind, 19_000, "1m"), Request(f"{pager.vendor.url}/x"), body)


@given(st.lists(st.decimals(-(10**7), 10**7, places=8), min_size=1))
def test_scaled_numbers_are_exact(values: list) -> None:
    found, scale = scaled(values, 2)
    assert 2 <= scale <= 8
    assert [value.scaleb(scale) for value in values] == found
