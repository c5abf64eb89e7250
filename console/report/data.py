"""What the report tells, read from ClickHouse: the tables that everything landed in."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from config.tree import Settings
from console.report.heat_map import Column
from console.stats import Stats

_POINTS = 1500  # of a line: more than a screen is wide
_COLUMNS = 500  # of a heat map

TABLES = (
    "trades",
    "quotes",
    "books",
    "bars",
    "features",
    "signals",
    "orders",
    "decisions",
    "fills",
    "positions",
    "statuses",
    "dead_letters",
)


@dataclass(frozen=True, slots=True)
class Run:
    """What only the one who watched knows."""

    source: str
    broker: str
    began: float
    seconds: float
    stats: Stats
    settings: Settings


@dataclass(slots=True)
class Instrument:
    """Prices as (seconds, value); fills as (seconds, price, side)."""

    name: str
    prices: list[tuple[float, float]]
    fills: list[tuple[float, float, str]]
    depth: list[Column] = field(default_factory=list)
    trades: list[tuple[float, float, float, str]] = field(default_factory=list)


@dataclass(slots=True)
class ReportData:
    run: Run
    counts: dict[str, int]
    instruments: list[Instrument] = field(default_factory=list)
    equity: list[tuple[float, float]] = field(default_factory=list)
    refusals: list[tuple[Any, ...]] = field(default_factory=list)
    fills: list[tuple[Any, ...]] = field(default_factory=list)
    positions: list[tuple[Any, ...]] = field(default_factory=list)
    letters: list[tuple[Any, ...]] = field(default_factory=list)
    signals: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def drawdown(self) -> list[tuple[float, float]]:
        """Equity less its highest so far: zero or negative."""
        best, points = float("-inf"), []
        for at, value in self.equity:
            best = max(best, value)
            points.append((at, value - best))
        return points


def read(client: Any, run: Run) -> ReportData:
    """From the database ``tickstream``."""
    data = ReportData(
        run, {t: _rows(client, f"SELECT count() FROM tickstream.{t}")[0][0] for t in TABLES}
    )
    names = _rows(client, "SELECT DISTINCT instrument FROM tickstream.books ORDER BY instrument")
    data.instruments = [_instrument(client, name) for (name,) in names]
    data.equity = _equity(client)
    data.refusals = _rows(
        client,
        "SELECT rule, count(), any(limit_value), max(asked) FROM tickstream.decisions "
        "WHERE NOT approved GROUP BY rule ORDER BY count() DESC",
    )
    data.fills = _rows(
        client,
        "SELECT ts_event, instrument, side, size, price, fee, liquidity, realised_pnl "
        "FROM tickstream.fills ORDER BY ts_event DESC, exec_id DESC LIMIT 15",
    )
    data.positions = _rows(
        client,
        "SELECT instrument, argMax(quantity, offset), argMax(avg_price, offset), "
        "argMax(mark, offset), argMax(realised_pnl, offset), "
        "argMax(unrealised_pnl, offset), argMax(fees, offset) "
        "FROM tickstream.positions GROUP BY instrument ORDER BY instrument",
    )
    data.signals = _rows(
        client,
        "SELECT ts_event, strategy, instrument, side, toString(target), reason, "
        "arrayStringConcat(arrayMap((k, v) -> concat(k, '=', toString(round(v, 6))), "
        "mapKeys(features), mapValues(features)), ', ') "
        "FROM tickstream.signals ORDER BY ts_event DESC, signal_id DESC LIMIT 15",
    )
    data.letters = _rows(
        client,
        "SELECT source_topic, source_offset, stage, error FROM tickstream.dead_letters LIMIT 15",
    )
    return data


def _instrument(client: Any, name: str) -> Instrument:
    """The mid, thinned to the last value of each of so many equal spans."""
    prices = _rows(
        client,
        "WITH (SELECT (toUnixTimestamp64Nano(min(ts_event)), toUnixTimestamp64Nano(max(ts_event))) "
        "FROM tickstream.books WHERE instrument = {name:String}) AS span "
        "SELECT toFloat64(max(toUnixTimestamp64Nano(ts_event))) / 1e9 AS at, "
        "argMax(toFloat64(bid + ask) / 2, (ts_event, seq)) FROM tickstream.books "
        "WHERE instrument = {name:String} AND bid_size > 0 AND ask_size > 0 "
        "GROUP BY intDiv((toUnixTimestamp64Nano(ts_event) - span.1) * {points:Int64}, "
        "greatest(span.2 - span.1, 1)) ORDER BY at",
        name=name,
        points=_POINTS,
    )
    fills = _rows(
        client,
        "SELECT toFloat64(toUnixTimestamp64Nano(ts_event)) / 1e9, toFloat64(price), side "
        "FROM tickstream.fills WHERE instrument = {name:String} ORDER BY ts_event LIMIT 2000",
        name=name,
    )
    return Instrument(name, prices, fills, _depth(client, name), _trades(client, name))


def _depth(client: Any, name: str) -> list[Column]:
    """The book at the end of each of so many equal spans."""
    rows = _rows(
        client,
        "WITH (SELECT (toUnixTimestamp64Nano(min(ts_event)), toUnixTimestamp64Nano(max(ts_event))) "
        "FROM tickstream.books WHERE instrument = {name:String}) AS span "
        "SELECT toFloat64(max(toUnixTimestamp64Nano(ts_event))) / 1e9 AS at, "
        "argMax((bid_prices, bid_sizes, ask_prices, ask_sizes), (ts_event, seq)) "
        "FROM tickstream.books WHERE instrument = {name:String} "
        "GROUP BY intDiv((toUnixTimestamp64Nano(ts_event) - span.1) * {columns:Int64}, "
        "greatest(span.2 - span.1, 1)) ORDER BY at",
        name=name,
        columns=_COLUMNS,
    )
    return [Column(at, _levels(*book[:2]), _levels(*book[2:])) for at, book in rows]


def _levels(prices: list[Decimal], sizes: list[Decimal]) -> list[tuple[float, float]]:
    return [(float(price), float(size)) for price, size in zip(prices, sizes, strict=True)]


def _trades(client: Any, name: str) -> list[tuple[float, float, float, str]]:
    """The largest."""
    return _rows(
        client,
        "SELECT toFloat64(toUnixTimestamp64Nano(ts_event)) / 1e9, toFloat64(price), "
        "toFloat64(size), toString(side) FROM tickstream.trades "
        "WHERE instrument = {name:String} AND side != 'none' "
        "ORDER BY size DESC, trade_id LIMIT 120",
        name=name,
    )


def _equity(client: Any) -> list[tuple[float, float]]:
    """P&L after fees over all positions, after each change of one of them."""
    changes = _rows(
        client,
        "SELECT toFloat64(toUnixTimestamp64Nano(ts_event)) / 1e9, account, instrument, "
        "toFloat64(realised_pnl + unrealised_pnl - fees) "
        "FROM tickstream.positions ORDER BY partition, offset, row_index",
    )
    latest: dict[tuple[str, str], float] = {}
    points = []
    for at, account, instrument, pnl in sorted(changes, key=lambda row: row[0]):
        latest[account, instrument] = pnl
        points.append((at, sum(latest.values())))
    return points[:: max(1, len(points) // _POINTS)] + points[-1:]


def _rows(client: Any, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = client.query(sql, parameters=parameters).result_rows
    return rows
