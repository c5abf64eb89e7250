"""Bars whose configuration changes between a snapshot and the program that takes it up."""

from connectors.batch import Batch
from connectors.events import TradeEvent
from schemas.frames import MarketFrame
from streams.operators.market.bars_state import TimeBars
from streams.operators.market.builder import Builder
from tests.twins.bars_by_hand import XY, Row, Trade, builder, rows_of_tape

TRADES = [Trade(n * 400_000_000, 100 + n % 7, 1000 + n, 1) for n in range(60)]
LATE = Trade(5 * 400_000_000, 500, 1, 1)
HALF = 30


def frame(trades: list[Trade]) -> MarketFrame:
    batch = Batch(XY)
    for trade in trades:
        batch.add(TradeEvent(XY, trade.ts, trade.ts, 1, *trade[1:]))
    return batch.frame()


def rows(operator: Builder, trades: list[Trade], specs: tuple[str, ...]) -> dict[str, list[Row]]:
    tapes = [output.message for output in operator.apply(frame(trades))]
    return {
        spec: [row for tape in tapes for row in rows_of_tape(tape, n)]
        for n, spec in enumerate(specs)
    }


def taken_up(before: tuple[str, ...], after: tuple[str, ...], kept: int = 8) -> Builder:
    first = builder(*before)
    first.apply(frame(TRADES[:HALF]))
    second = builder(*after, time_bars=TimeBars(kept=kept))
    second.restore(first.snapshot())
    return second


def test_a_bar_goes_on_beside_others_one_begins_and_one_is_dropped() -> None:
    before, after = (
        ("time:1s", "tick:7", "volume:5"),
        ("range:0.03", "tick:7", "time:2s", "time:1s"),
    )
    found = rows(taken_up(before, after), TRADES[HALF:], after)
    undisturbed = builder(*before)
    undisturbed.apply(frame(TRADES[:HALF]))
    expected = rows(undisturbed, TRADES[HALF:], before)
    fresh = rows(builder(*after), TRADES[HALF:], after)
    assert found["time:1s"] == expected["time:1s"]
    assert found["tick:7"] == expected["tick:7"]
    assert (found["time:2s"], found["range:0.03"]) == (fresh["time:2s"], fresh["range:0.03"])
    assert all(found.values())


def test_fewer_bars_are_kept_for_late_trades_and_the_latest_of_them() -> None:
    for kept, corrected in ((8, 1), (2, 0), (0, 0)):
        operator = taken_up(("time:1s",), ("time:1s",), kept)
        revised = [r for r in rows(operator, [LATE], ("time:1s",))["time:1s"] if r.revision]
        assert len(revised) == (0 if LATE.ts < TRADES[HALF - 1].ts - 9e9 else corrected)
        late = Trade(TRADES[HALF - 1].ts - 1_200_000_000, 500, 1, 1)
        revised = [r for r in rows(operator, [late], ("time:1s",))["time:1s"] if r.revision]
        assert len(revised) == (1 if kept else 0)
