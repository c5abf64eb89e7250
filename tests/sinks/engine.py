"""Steps on an embedded ClickHouse, each in a process of its own: chDB allows one engine a process.

python engine.py FOLDER STEP     prints JSON
"""

import json
import math
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from connectors.sim.venue import SimConfig, SimVenue
from schemas.codec import Message
from schemas.enums import (
    DisclosedAction,
    ExecType,
    Liquidity,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
    TradeNoticeKind,
    TradingState,
)
from schemas.frames import (
    Bars,
    Books,
    ConsolidatedFrame,
    FeatureFrame,
    Nbbo,
    TapeFrame,
    Vectors,
)
from schemas.inbox import ExecutionReport, Signal
from schemas.ledger import AccountState, BreakerChanged, Decision, Fill, OrderUpdate, Position
from schemas.records import DeadLetter, Disclosure, PriceBand, TradeNotice, VendorBar
from sinks.clickhouse.writer import ClickHouseWriter
from streams.cause import Cause
from streams.log import LogRecord
from tests.twins.bars_by_hand import Trade, builder, frame_of

EXTREMES = [0, 1, -1, 2**63 - 1, -(2**63), 10**17]


def record(topic: str, offset: int, writer: str = "w") -> LogRecord:
    return LogRecord(topic, 0, offset, "k", b"", Cause(writer, "s/0", offset, 0))


def frames() -> list[tuple[LogRecord, Message]]:
    config = SimConfig(rate=30_000)
    made = SimVenue(config).advance(config.start_ns + 10**9)
    return [(record("ticks", n), frame) for n, (_, frame) in enumerate(made)]


def rows(writer: ClickHouseWriter, sql: str) -> list[list[str]]:
    return [list(map(str, row)) for row in writer.client.query(sql).result_rows]


def exact(writer: ClickHouseWriter) -> Any:
    """Values at the ends of their types."""
    n = len(EXTREMES)
    values = np.array(EXTREMES, np.int64)
    tape = TapeFrame(
        "X:Y",
        2,
        3,
        2,
        ("time:1s",),
        np.array([2] * n, np.uint8),
        Books(*(np.empty(0, np.int64),) * 7),
        Bars(
            np.zeros(n, np.uint8),
            np.arange(n) * 10**9,
            np.arange(n) * 10**9 + 10**9,
            values,
            values,
            values,
            values,
            np.abs(values // 2),
            np.abs(values // 2),
            np.abs(values // 2),
            values // 10**6,
            np.array([2**64 - 1] * n, np.uint64),
            np.arange(n),
            np.arange(n, dtype=np.int32),
            np.arange(n),
        ),
    )
    writer.add(record("tape", 0), tape)
    writer.flush()
    return rows(writer, "SELECT open, notional FROM tickstream.bars ORDER BY row_index")


def corrections(writer: ClickHouseWriter) -> Any:
    """A late trade's correction, asked for as the documentation says."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "read-bars.md"
    (query,) = re.findall(r"^```sql\n(.*?)^```", page.read_text(), re.M | re.S)
    trades = [Trade(ts, 100 + n, 1000, 1) for n, ts in enumerate((0, 10**9, 5, 2 * 10**9))]
    for n, output in enumerate(builder("time:1s").apply(frame_of(trades))):
        writer.add(record("tape", n), output.message)
    writer.flush()
    return {
        "all": rows(writer, "SELECT count() FROM tickstream.bars"),
        "latest": [[row[4], *row[9:]] for row in rows(writer, query)],
    }


def every_record(writer: ClickHouseWriter) -> Any:
    money = Decimal("-123.000000000000000001")
    signal_ = Signal(
        "a",
        "s",
        "id",
        "X:Y",
        1,
        Side.BUY,
        OrdType.LIMIT,
        TimeInForce.GTC,
        12345,
        67,
        2,
        1,
        None,
        0.25,
        "why",
    )
    target = Signal(
        "a",
        "s",
        "id2",
        "X:Y",
        1,
        Side.SELL,
        OrdType.MARKET,
        TimeInForce.IOC,
        0,
        1,
        2,
        1,
        -15,
        0.5,
        "",
    )
    report = ExecutionReport(
        "a",
        "X:Y",
        "o",
        "o-1",
        5,
        ExecType.TRADE,
        Side.BUY,
        100,
        7,
        7,
        3,
        2,
        1,
        money,
        Liquidity.TAKER,
        "",
    )
    fill = Fill(
        "a", "s", "id", "o", "o-1", "X:Y", 5, Side.BUY, 100, 7, 2, 1, money, Liquidity.MAKER, money
    )
    position = Position("a", "X:Y", 5, -7, 1, money, money, money, money, money)
    notice = TradeNotice(
        *("X:Y", 5, 6, TradeNoticeKind.CORRECTED, 7, 12345, 67, 8, 12346, 68, "V", "@ I", 2, 1),
    )
    bar = VendorBar("X:Y", 5, 6, "1m", "trades", 0, 60, 10, 12, 9, 11, 33, 1050, 4, False, 2, 1)
    for n, message in enumerate((notice, PriceBand("X:Y", 5, 6, 100, 200, "B", 2), bar)):
        writer.add(record("ticks", n), message)
    what = (DisclosedAction.SOLD, Side.BUY, 0.25, math.nan, "Director", 500.0)
    sold = Disclosure("X:Y", "a fund", 5, 4, *what)
    writer.add(record("tape", 90), sold)
    for n, message in enumerate((signal_, target, report)):
        writer.add(record("orders", n), message)
    for n, message in enumerate((fill, position, *ledger())):
        writer.add(record("ledger", n), message)
    parent = replace(signal_, signal_id="p", algo="twap", params={"slices": "4", "end": "9"})
    writer.add(record("orders", 9), replace(parent, stop_price=5, display_size=2, post_only=True))
    writer.add(
        record("dead-letters", 0), DeadLetter("t", 1, 2, "codec", "bad ' \\ \n", b"\xff\x00raw")
    )
    writer.flush()
    db = "tickstream"
    return {
        "signals": rows(
            writer,
            f"SELECT price, size, target, probability FROM {db}.signals WHERE algo = '' "
            "ORDER BY offset",
        ),
        "orders": rows(writer, f"SELECT event, price, size, leaves_size FROM {db}.orders"),
        "fills": rows(writer, f"SELECT price, size, fee, liquidity FROM {db}.fills"),
        "positions": rows(writer, f"SELECT quantity, avg_price FROM {db}.positions"),
        "algo": rows(
            writer,
            f"SELECT algo, params, stop_price, display_size, post_only FROM {db}.signals "
            "WHERE signal_id = 'p'",
        ),
        "decisions": rows(writer, f"SELECT rule, rules, limits, `values` FROM {db}.decisions"),
        "updates": rows(writer, f"SELECT before, after, cum_size FROM {db}.order_updates"),
        "notices": rows(
            writer, f"SELECT kind, price, new_size, conditions FROM {db}.trade_notices"
        ),
        "bands": rows(writer, f"SELECT lower, upper, indicator FROM {db}.price_bands"),
        "disclosures": rows(
            writer,
            f"SELECT who, action, side, weight, ts_event > ts_traded FROM {db}.disclosures "
            "WHERE isNaN(price)",
        ),
        "vendor_bars": rows(writer, f"SELECT open, volume, vwap, final FROM {db}.vendor_bars"),
        "states": rows(
            writer, f"SELECT equity, leverage, state, component_var FROM {db}.account_states"
        ),
        "stress": rows(
            writer,
            "SELECT options, implied_volatility, underlyings, delta, gamma, vega, theta, "
            f"scenarios, scenario_pnl, worst_scenario FROM {db}.account_states",
        ),
        "breakers": rows(writer, f"SELECT breaker, after, ts_until FROM {db}.breakers"),
        "dead_letters": rows(writer, f"SELECT error, hex(payload) FROM {db}.dead_letters"),
    }


def ledger() -> Iterator[Any]:
    """What has a table of its own, field by field."""
    checks = ("a", "b"), ("1", "none"), ("2", "x'y")
    yield Decision("a", "s", "id", "o", "X:Y", 1, False, "a", "1", "2", "no", "NEW", *checks)
    states = OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED
    yield OrderUpdate("a", "s", "id", "o", "X:Y", 1, *states, "TRADE", 7, 3, 1, "v", "")
    money = [Decimal(n) for n in range(12)]
    state = TradingState.REDUCE_ONLY
    tail = ("X:Y", "X:Z"), (1.5, -0.5), (2.0, 0.0)
    greeks = ("X:C",), (0.5,), ("X:Y",), (100.0,), (-1.5,), (2.0,), (-0.25,)
    stress = ("crash", "rally"), (-50.0, 25.0), "crash"
    yield AccountState("a", 1, "USD", *money, 0.5, 1.0, 2.0, 3, state, *tail, *greeks, *stress)
    yield BreakerChanged("a", 1, "b", TradingState.NORMAL, state, "2", "1", 10**9, "gate", "")


def i64(*values: int) -> Any:
    return np.array(values, np.int64)


def i32(*values: int) -> Any:
    return np.array(values, np.int32)


def consolidated(writer: ClickHouseWriter) -> Any:
    """A locked row with two levels of bids, then one without anybody; and a leg of a basket,
    which the tape has told already."""
    nbbo = Nbbo(
        i64(1, 2),
        i64(3, 4),
        np.array([1, 0], np.uint8),
        i32(1, -1),
        i32(0, -1),
        i32(2, 0),
        i32(1, 0),
        i64(101, 100, 0, 0),
        i64(5, 7, 0, 0),
        i32(1, 2, 0, 0),
        i64(101, 0, 0, 0),
        i64(2**63 - 1, 0, 0, 0),
        i32(1, 0, 0, 0),
    )
    frame = ConsolidatedFrame("BTC", 2, 18, 2, ("A:X", "B:X"), nbbo)
    leg = TapeFrame(
        "A:X",
        2,
        3,
        1,
        (),
        np.ones(1, np.uint8),
        Books(*(np.ones(1, np.int64),) * 7),
        Bars._make(np.empty(0, np.int64) for _ in Bars._fields),
    )
    writer.add(record("consolidated", 0), frame)
    writer.add(record("baskets", 0), leg)
    one = np.ones(1, np.int64)
    told = FeatureFrame("A:X", 2, 3, "made@1", (), Vectors(one, one, one, np.empty(0)), "G")
    writer.add(record("baskets", 1), told)
    writer.flush()
    names = "basket, state, bidding, asking"
    for side in ("bid", "ask"):
        names += f", {side}, {side}_size, {side}_first, {side}_venues"
        names += f", {side}_prices, {side}_sizes, {side}_counts"
    found = writer.client.query(
        f"SELECT toString(tuple({names})) FROM tickstream.consolidated ORDER BY ts_event"
    )
    books = rows(writer, "SELECT count() FROM tickstream.books")
    features = rows(writer, "SELECT count() FROM tickstream.features")
    return {"rows": [row[0] for row in found.result_rows], "books": books, "features": features}


def duplicates(writer: ClickHouseWriter) -> Any:
    """The same causes again behind the end of the log."""
    made = frames()[:50]
    for item, message in made:
        writer.add(item, message)
    writer.flush()
    before = rows(writer, "SELECT count() FROM tickstream.quotes")
    for item, message in made:
        writer.add(item._replace(offset=item.offset + 50), message)
    writer.flush()
    return {
        "before": before,
        "after": rows(writer, "SELECT count() FROM tickstream.quotes"),
        "position": writer.position("ticks", 0),
    }


def write_until_killed(writer: ClickHouseWriter) -> Any:
    """Takes up where ClickHouse stands; is killed at a random moment."""
    threading.Timer(float(sys.argv[3]), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    return write_rest(writer, flush_every=7)


def write_rest(writer: ClickHouseWriter, flush_every: int = 40) -> Any:
    for n, (item, message) in enumerate(frames()):
        if item.offset >= writer.position("ticks", 0):
            writer.add(item, message)
            if n % flush_every == 0:
                writer.flush()
    writer.flush()
    return dump(writer)


def dump(writer: ClickHouseWriter) -> Any:
    order = "ORDER BY offset, row_index"
    return {t: rows(writer, f"SELECT * FROM tickstream.{t} {order}") for t in ("trades", "quotes")}


def drop_column(writer: ClickHouseWriter) -> Any:
    writer.client.command("ALTER TABLE tickstream.trades DROP COLUMN trade_id")
    return "dropped"


STEPS: dict[str, Callable[[ClickHouseWriter], Any]] = {
    f.__name__: f
    for f in (
        exact,
        every_record,
        consolidated,
        corrections,
        duplicates,
        write_until_killed,
        write_rest,
        drop_column,
    )
}


def main() -> None:
    writer = ClickHouseWriter(f"embedded:{sys.argv[1]}")
    print(json.dumps(STEPS[sys.argv[2]](writer)))
    writer.close()


if __name__ == "__main__":
    main()
