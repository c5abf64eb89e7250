"""Bars as anybody would make them: a list of trades a bar, and a look at the list for each row."""

from collections.abc import Iterator, Set
from typing import Any, NamedTuple

import numpy as np

from connectors.batch import Batch
from connectors.events import Instrument, TradeEvent
from schemas.frames import TRADE, Depth, MarketFrame, Quotes, TapeFrame, Trades
from schemas.records import Clock
from streams.operators.market import int128
from streams.operators.market.bars import Estimate, parse
from streams.operators.market.bars_state import TimeBars
from streams.operators.market.builder import Builder, BuilderConfig

XY = Instrument("X:Y", 2, 3)
SECOND = 10**9


class Trade(NamedTuple):
    ts: int
    price: int
    size: int
    side: int


class Row(NamedTuple):
    ts_open: int
    ts_close: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    buy_volume: int
    sell_volume: int
    notional: int
    trades: int
    revision: int
    late: int


def builder(*specs: str, time_bars: TimeBars | None = None, grace_ns: int = 0) -> Builder:
    bars = tuple(map(parse, specs))
    return Builder(BuilderConfig(bars, 1, (), 10**9, grace_ns, time_bars=time_bars or TimeBars()))


def fold(operator: Builder, events: list[Trade | int], cuts: Set[int] = frozenset()) -> list[Row]:
    """Trades and clock times; a new frame starts at each of ``cuts``, and there the operator also
    goes through a snapshot."""
    rows, batch = [], Batch(XY)
    for n, event in enumerate([*events, None]):
        if len(batch) and (n in cuts or not isinstance(event, Trade)):
            rows += rows_of(operator, batch.frame())
        if n in cuts:
            state = operator.snapshot()
            operator.restore(state)
            assert operator.snapshot() == state
        if isinstance(event, Trade):
            batch.add(TradeEvent(XY, event.ts, event.ts, n, *event[1:]))
        elif event is not None:
            rows += rows_of(operator, Clock(XY.name, event))
    return rows


def rows_of(operator: Builder, message: Any) -> list[Row]:
    return [row for tape in tapes_of(operator, message) for row in rows_of_tape(tape)]


def tapes_of(operator: Builder, message: Any) -> list[TapeFrame]:
    """Without the clock, which the builder hands on."""
    messages = (o.message for o in operator.apply(message))
    return [m for m in messages if isinstance(m, TapeFrame)]


def rows_of_tape(tape: TapeFrame, spec: int | None = None) -> list[Row]:
    bars = tape.bars
    rows = zip(*(column.tolist() for column in bars), strict=True)
    return [
        Row(*r[1:10], int128.join(r[10], r[11]), *r[12:])
        for r in rows
        if spec is None or r[0] == spec
    ]


def frame_of(trades: list[Trade]) -> MarketFrame:
    return market_frame(*np.array(trades, np.int64).reshape(-1, 4).T)


def market_frame(ts: Any, price: Any, size: Any, side: Any) -> MarketFrame:
    """A frame of nothing but trades."""
    columns = [np.ascontiguousarray(column) for column in (ts, ts, ts, price, size)]
    trades = Trades._make([*columns, side.astype("i1")])
    none = np.empty(0, np.int64)
    counts = [none.astype("u1"), none.astype("i4"), none.astype("i4")]
    depth = Depth._make([none] * 4 + counts + [none] * 2)
    kinds = np.full(len(price), TRADE, np.uint8)
    return MarketFrame(*XY, kinds, trades, Quotes(*[none] * 7), depth)


def sums(trades: list[Trade]) -> tuple[int, ...]:
    """Volume, bought, sold, notional, count."""
    return (
        sum(t.size for t in trades),
        sum(t.size for t in trades if t.side > 0),
        sum(t.size for t in trades if t.side < 0),
        sum(t.size * t.price for t in trades),
        len(trades),
    )


def by_arrival(trades: list[Trade], group: list[Trade], closed: int) -> Row:
    """A row of any kind but time and renko; ``closed``: the latest end of the bars before."""
    prices = [t.price for t in group]
    ends = prices[0], max(prices), min(prices), prices[-1]
    late = sum(t.ts < closed for t in group)
    return Row(group[0].ts, max(t.ts for t in group), *ends, *sums(group), 0, late)


def activity_bars(trades: list[Trade], kind: str, limit: int) -> Iterator[Row]:
    """Tick, volume, dollar and range bars."""
    group: list[Trade] = []
    closed = 0
    for trade in trades:
        group.append(trade)
        volume, _, _, notional, count = sums(group)
        prices = [t.price for t in group]
        reached = {
            "tick": count,
            "volume": volume,
            "dollar": notional,
            "range": max(prices) - min(prices),
        }
        if reached[kind] >= limit:
            row = by_arrival(trades, group, closed)
            closed, group = max(closed, row.ts_close), []
            yield row


def renko_bars(trades: list[Trade], brick: int) -> Iterator[Row]:
    group: list[Trade] = []
    closed, up, close = 0, True, trades[0].price // brick * brick if trades else 0
    first = True
    for trade in trades:
        group.append(trade)
        done = None
        while True:
            # the first brick may go either way; later a reversal takes two bricks
            rise = brick if up or first else 2 * brick
            fall = brick if not up or first else 2 * brick
            if trade.price >= close + rise:
                start, end, up = close + rise - brick, close + rise, True
            elif trade.price <= close - fall:
                start, end, up = close - fall + brick, close - fall, False
            else:
                break
            first, close = False, end
            base = by_arrival(trades, group, closed) if group else done
            assert base is not None
            high, low = max(start, end), min(start, end)
            if group:
                done = base._replace(open=start, high=high, low=low, close=end)
            else:
                at = base.ts_close
                done = Row(at, at, start, high, low, end, 0, 0, 0, 0, 0, 0, 0)
            group = []
            yield done
        if done:
            closed = max(closed, done.ts_close)


def flow_bars(trades: list[Trade], kind: str, options: Estimate) -> Iterator[Row]:
    """Imbalance and run bars, with the estimator spelled out."""
    amounts, _, shape = kind.partition("_")
    group: list[Trade] = []
    closed = sign = bars = 0
    up_rate = down_rate = up = down = threshold = 0.0
    expected_ticks, last = float(options.expected), None
    for ticks, trade in enumerate(trades, 1):
        group.append(trade)
        if trade.side:
            sign = trade.side
        elif last is not None and trade.price != last:
            sign = 1 if trade.price > last else -1
        last = trade.price
        sizes = {
            "tick": 1.0,
            "volume": float(trade.size),
            "dollar": float(trade.price) * float(trade.size),
        }
        ups, downs = sizes[amounts] * (sign > 0), sizes[amounts] * (sign < 0)
        weight = max(2.0 / (options.tick_span + 1), 1.0 / ticks)
        up_rate += weight * (ups - up_rate)
        down_rate += weight * (downs - down_rate)
        up, down = up + ups, down + downs
        theta = abs(up - down) if shape == "imbalance" else max(up, down)
        if bars < options.warm_up:
            complete = len(group) >= options.expected
        else:
            enough = theta >= threshold and len(group) >= options.min
            complete = enough or len(group) >= options.max
        if complete:
            bars += 1
            weight = max(2.0 / (options.span + 1), 1.0 / bars)
            expected_ticks += weight * (len(group) - expected_ticks)
            rate = abs(up_rate - down_rate) if shape == "imbalance" else max(up_rate, down_rate)
            threshold = expected_ticks * rate
            up = down = 0.0
            row = by_arrival(trades, group, closed)
            closed, group = max(closed, row.ts_close), []
            yield row
