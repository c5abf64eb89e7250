"""What the book and the trades did during a bar is what anybody would add up from the tape."""

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.batch import Batch
from connectors.binance import capture_form
from connectors.events import DepthEvent, Instrument, TradeEvent
from connectors.play import play
from connectors.publish import Publisher
from schemas.codec import Codec
from schemas.enums import StatusKind
from schemas.frames import BAR, BOOK, PRINT, FeatureFrame, MarketFrame, TapeFrame, cut_tape
from schemas.records import Clock, Status
from streams.operators.features import columns
from streams.operators.features.features import Features, FeaturesConfig, feature_names
from streams.operators.features.indicators.asked import parse as parse_indicator
from streams.operators.features.indicators.indicator import COLUMNS, OF_BARS
from streams.operators.market.bars import parse
from streams.operators.market.builder import Builder, BuilderConfig
from tests.features.micro_by_hand import by_hand, folded

XY = Instrument("X:Y", 2, 3)
SECOND = 10**9
BARS = ("time:1s", "tick:3")
SCALES = (2, 3)


def builder(bar: str = "time:1s", levels: int = 3) -> Builder:
    specs = tuple(map(parse, BARS))
    return Builder(BuilderConfig(specs, levels, (), SECOND, 0, prints=parse(bar).kind))


def fold(operator: Builder, events: list[Any]) -> list[Any]:
    """What the builder says to events, with clock records and statuses between them."""
    made, batch = [], Batch(XY)
    for event in [*events, None]:
        if not isinstance(event, DepthEvent | TradeEvent):
            if len(batch):
                made += [output.message for output in operator.apply(batch.frame())]
            batch = Batch(XY)
            if event is not None:
                made += [output.message for output in operator.apply(event)]
        else:
            batch.add(event)
    return [m for m in made if isinstance(m, TapeFrame | Status)]


@st.composite
def markets(draw: st.DrawFn) -> list[Any]:
    """Books, trades, clock records and lost lines; time may stand still, or go back a little."""
    made, ts, seq = list[Any](), 10 * SECOND, 0
    size = st.integers(1, 9)
    for _ in range(draw(st.integers(1, 60))):
        ts += draw(st.sampled_from([0, 1, 10**6, 3 * 10**8, 2 * SECOND, -(10**8)]))
        kind = draw(st.sampled_from(["book", "book", "book", "trade", "trade", "clock", "lost"]))
        if kind == "book":
            seq, middle = seq + 1, draw(st.integers(95, 105))
            bids = draw(st.dictionaries(st.integers(middle - 3, middle - 1), size, max_size=3))
            asks = draw(st.dictionaries(st.integers(middle, middle + 3), size, max_size=3))
            made.append(DepthEvent(XY, ts, ts, seq, 0, True, [*bids.items()], [*asks.items()]))
        elif kind == "trade":
            price, side = draw(st.integers(93, 107)), draw(st.integers(-1, 1))
            made.append(TradeEvent(XY, ts, ts, ts, price, draw(size), side))
        elif kind == "clock":
            made.append(Clock("X:Y", ts))
        else:
            lost = draw(st.sampled_from([StatusKind.DISCONNECTED, StatusKind.GAP]))
            made.append(Status("X:Y", ts, ts, lost, ""))
    return made


def agree(found: np.ndarray, wanted: list[dict[str, float]]) -> None:
    assert found.shape[1] == len(wanted)
    for n, row in enumerate(wanted):
        for name in COLUMNS[9:]:
            value, hand = found[COLUMNS.index(name), n], row.get(name)
            if hand is None:  # no step of the book: nothing came or went, if a level is told
                assert math.isnan(value) or (name.startswith("ofi") and value == 0), name
            else:
                assert value == pytest.approx(hand, rel=1e-9, abs=1e-9, nan_ok=True), name


@given(markets(), st.sampled_from([0, 1]))
def test_columns_are_what_the_rows_of_the_tape_add_up_to(market: list[Any], spec: int) -> None:
    made = fold(builder(BARS[spec]), market)
    told = [m for m in made if isinstance(m, TapeFrame) and len(m.prints.price)]
    found, _ = folded(made, spec)
    if told or not found.shape[1]:
        agree(found, by_hand(made, spec, SCALES))


@given(markets(), st.randoms(use_true_random=False))
def test_cutting_frames_changes_neither_columns_nor_state(
    market: list[Any], rng: random.Random
) -> None:
    made, cut = fold(builder(), market), list[Any]()
    for message in made:
        if isinstance(message, TapeFrame):
            at = rng.randrange(len(message) + 1)
            cut += [cut_tape(message, 0, at), cut_tape(message, at, len(message))]
        else:
            cut.append(message)
    (one, state), (two, state_cut) = folded(made, 0), folded(cut, 0)
    np.testing.assert_array_equal(one, two)
    assert [c.tobytes() for c in state] == [c.tobytes() for c in state_cut]


def trade(ts: int, price: int, size: int = 1, side: int = 0) -> TradeEvent:
    return TradeEvent(XY, ts, ts, ts, price, size, side)


def book(ts: int, bid: int, bid_size: int, ask: int, ask_size: int) -> DepthEvent:
    return DepthEvent(XY, ts, ts, ts, 0, True, [(bid, bid_size)], [(ask, ask_size)])


def named(found: np.ndarray, name: str) -> list[float]:
    values: list[float] = found[COLUMNS.index(name)].tolist()
    return values


def test_a_trade_stands_behind_the_book_that_it_met_and_on_the_right_side_of_its_bar() -> None:
    events = [book(1, 99, 5, 101, 5), *(trade(2 + n, 100 + n) for n in range(3))]
    events += [trade(SECOND, 99), book(SECOND + 1, 98, 5, 101, 5)]
    for bar, wanted in (
        ("time:1s", [BOOK, PRINT, PRINT, BAR, PRINT, BAR, PRINT, BOOK]),
        ("tick:3", [BOOK, PRINT, PRINT, PRINT, BAR, PRINT, BAR, BOOK]),
    ):
        kinds = [k for m in fold(builder(bar), events) for k in m.kinds.tolist()]
        assert kinds == wanted


def test_trades_are_on_the_tape_only_where_features_ask_for_them() -> None:
    silent = Builder(BuilderConfig(tuple(map(parse, BARS)), 3, (), SECOND, 0))
    made = fold(silent, [book(1, 99, 5, 101, 5), trade(2, 100), trade(SECOND + 2, 100)])
    assert not any(len(tape.prints.price) for tape in made)
    found, _ = folded(made, 0)
    assert math.isnan(named(found, "cost")[0])
    assert named(found, "bid_1") == [0.99]


def test_order_flow_imbalance_by_the_worked_cases_of_its_definition() -> None:
    """Cont, Kukanov and Stoikov (2014), equation 4: each case of a best price that rises, stands or
    falls, alone."""
    cases = [
        ((100, 5, 102, 5), (101, 7, 102, 5), 7),  # a better bid adds all of its size
        ((100, 5, 102, 5), (100, 8, 102, 5), 3),  # a limit order
        ((100, 5, 102, 5), (100, 1, 102, 5), -4),  # a sale or a cancellation
        ((100, 5, 102, 5), (99, 9, 102, 5), -5),  # the whole queue is gone
        ((100, 5, 102, 5), (100, 5, 101, 6), -6),
        ((100, 5, 102, 5), (100, 5, 102, 9), -4),
        ((100, 5, 102, 5), (100, 5, 102, 2), 3),
        ((100, 5, 102, 5), (100, 5, 103, 9), 5),
    ]
    for before, after, wanted in cases:
        made = fold(
            builder(), [book(1, *before), trade(2, 101), book(3, *after), Clock("X:Y", SECOND)]
        )
        found, _ = folded(made, 0)
        assert named(found, "ofi_1")[-1] == pytest.approx(wanted / 1000)


def test_no_step_is_made_over_a_gap_and_the_book_is_unknown_until_it_is_back() -> None:
    gap = Status("X:Y", 3, 3, StatusKind.GAP, "")
    events = [book(1, 99, 5, 101, 5), trade(2, 100), gap, trade(SECOND + 1, 100)]
    events += [book(SECOND + 2, 89, 500, 91, 7), trade(2 * SECOND + 1, 90)]
    found, _ = folded(fold(builder(), events), 0)
    assert math.isnan(named(found, "bid_1")[0])
    assert math.isnan(named(found, "spread")[0])
    assert named(found, "bid_1")[1] == 0.89
    assert named(found, "ofi_1") == [0, 0]
    assert named(found, "book_changes") == [0, 0]


def test_only_what_is_asked_for_is_computed() -> None:
    tape = fold(builder(), [book(1, 99, 5, 101, 5), trade(2, 100), trade(SECOND + 1, 100)])[0]
    state = columns.empty_state()
    assert columns.of_tape(tape, 0, state, OF_BARS).shape == (9, 1)
    assert not state.at.any()


@pytest.fixture(scope="module")
def session(recorded: Path, codec: Codec) -> list[Any]:
    """Ten levels and one-second bars of a recorded Binance session."""

    class Kept:
        def __init__(self) -> None:
            self.made, self.operator = list[Any](), builder(levels=10)

        def send(self, topic: str, key: str, value: bytes, cause: Any) -> None:
            message = codec.decode(value)
            if isinstance(message, MarketFrame | Status | Clock):
                self.made += [output.message for output in self.operator.apply(message)]

        def flush(self) -> None:
            """Nothing waits."""

    kept, path = Kept(), recorded / "binance" / "usdm_btcusdt_20240808.gz"
    play(
        capture_form.pieces(path), Publisher(kept, codec, "t", path.name, 1000, SECOND), (), SECOND
    )
    return [m for m in kept.made if isinstance(m, TapeFrame | Status)]


def test_columns_of_a_recorded_session_are_what_its_tape_adds_up_to(session: list[Any]) -> None:
    found, _ = folded(session, 0)
    tape = next(m for m in session if isinstance(m, TapeFrame))
    assert found.shape[1] > 100
    agree(found, by_hand(session, 0, (tape.price_scale, tape.size_scale)))


def test_lee_and_ready_sign_most_of_a_recorded_session_as_the_venue_does(
    session: list[Any],
) -> None:
    found, _ = folded(session, 0)
    told = np.array(named(found, "bought")) - np.array(named(found, "sold"))
    for rule, least in (("lee_ready", 0.95), ("tick_rule", 0.8)):
        assert np.corrcoef(told, named(found, rule))[0, 1] > least
    spread = 2 * np.array(named(found, "cost")) / np.abs(named(found, "traded_mid"))
    assert np.nanmedian(spread) * named(found, "close")[0] == pytest.approx(0.1, rel=0.05)  # a tick


ASKED = ("ofi(2)", "microprice", "effective_spread(2)", "kyle_lambda(3)", "hawkes", "imbalance(1)")


def operator() -> Features:
    asked = tuple(map(parse_indicator, ASKED))
    return Features(FeaturesConfig("time:1s", 2, 3, 2, 2, asked))


def vectors(operator: Features, messages: list[Any], restart: bool) -> list[bytes]:
    """Every row; with ``restart``, the operator begins anew from its snapshot at each message."""
    rows: list[bytes] = []
    for message in messages:
        for output in operator.apply(message):
            frame = output.message
            if isinstance(frame, FeatureFrame):  # besides, it passes on what strategies must know
                values = frame.vectors.values.reshape(-1, len(frame.names))
                rows += [row.tobytes() for row in values]
        if restart:
            state = operator.snapshot()
            operator.restore(state)
            assert operator.snapshot() == state
    return rows


@given(markets())
def test_vectors_are_the_same_over_any_restart(market: list[Any]) -> None:
    made = fold(builder(), market)
    assert vectors(operator(), made, True) == vectors(operator(), made, False)


def test_a_gap_blanks_the_features_of_the_book_until_it_is_back() -> None:
    market: list[Any] = []
    for second in range(1, 9):
        ts = second * SECOND
        if second == 4:
            market.append(Status("X:Y", ts, ts, StatusKind.GAP, ""))
        if second not in (4, 5):
            market.append(book(ts, 99, 5 + second, 101, 5))
        market += [trade(ts + 1, 101, second, 1), trade(ts + 2, 99, 1, -1)]
    rows = vectors(operator(), fold(builder(), market), False)
    found = np.array([np.frombuffer(row) for row in rows])
    names = feature_names(tuple(map(parse_indicator, ASKED)))
    dark = [False, False, True, True, False, False, False]  # a bar's row comes with the next trade
    assert np.isnan(found[:, names.index("imbalance_1")]).tolist() == dark
    flows, nan = found[:, names.index("ofi_2_1")], math.nan
    wanted = [nan, 0.002, nan, nan, 0.001, 0.001, 0.002]
    assert flows.tolist() == pytest.approx(wanted, nan_ok=True)
