"""What ClickHouse knows of the strategies, as rows and sections of docs/strategies/evidence.md."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sessions import SESSIONS, Session
from words import NOTES

_WHERE = ("kind", "account", "instruments", "group")  # keys that say where, not how
WHY = """SELECT s.ts_event, s.instrument, s.side, s.reason, s.features,
    f.filled, f.price, f.fee, f.earned
FROM tickstream.signals AS s
INNER JOIN (
    SELECT signal_id, sum(size) AS filled, min(ts_event) AS at, sum(fee) AS fee,
        sum(realised_pnl) AS earned,
        sum(toFloat64(price) * toFloat64(size)) / sum(toFloat64(size)) AS price
    FROM tickstream.fills GROUP BY signal_id
) AS f ON f.signal_id = s.signal_id
WHERE s.strategy = 'momentum'
ORDER BY f.at, s.ts_event, s.signal_id LIMIT 4"""
MONEY = """SELECT toFloat64(argMax(equity, offset)) - 100000 AS after_fees,
    toFloat64(argMax(fees, offset)) AS fees, after_fees + fees AS gross
FROM tickstream.account_states WHERE account = 'momentum'"""
TRADED = """SELECT instrument, sum(fills), sum(turnover), countIf(earned > 0), countIf(earned != 0)
FROM (
    SELECT instrument, signal_id, count() AS fills, sum(realised_pnl) AS earned,
        sum(toFloat64(price) * toFloat64(size)) AS turnover
    FROM tickstream.fills WHERE strategy = 'momentum' GROUP BY instrument, signal_id
) GROUP BY instrument ORDER BY instrument"""
SENT = """SELECT
    (SELECT count() FROM tickstream.signals WHERE strategy = 'momentum') AS signals,
    (SELECT uniqExact(cl_ord_id) FROM tickstream.orders WHERE strategy = 'momentum') AS orders"""
_HEADINGS = (
    *("", "market", "signals", "orders", "fills", "turnover"),
    *("gross P&L", "fees", "P&L after fees", "hit rate"),
)


def told(client: Any, kinds: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The table of these, and the lines about each."""
    table = [f"| {' | '.join(_HEADINGS)} |", "|" + " --- |" * len(_HEADINGS)]
    sections = {}
    for session in SESSIONS:
        for kind in session.kinds():
            if kind in kinds:
                table.append(row(client, session, kind))
                sections[kind] = section(client, session, kind)
    return table, sections


def row(client: Any, session: Session, kind: str) -> str:
    """Of the table of all."""
    ((signals, orders),) = _ask(client, SENT, kind)
    traded = _ask(client, TRADED, kind)
    fills, won, closed = (sum(each[n] for each in traded) for n in (1, 3, 4))
    after, fees, gross = _money(client, kind)
    cells = [f"[{kind}](#{kind})", session.name.replace("_", " "), signals, orders, fills]
    cells += [_turnover(session, traded)]
    cells += [f"{value:,.2f} {session.currency}" for value in (gross, fees, after)]
    cells += [f"{won / closed:.0%} of {closed}" if closed else "none closed"]
    return f"| {' | '.join(map(str, cells))} |"


def _money(client: Any, kind: str) -> tuple[float, float, float]:
    """After fees, fees, gross."""
    ((after, fees, gross),) = _ask(client, MONEY, kind)
    return after, fees, gross


def _turnover(session: Session, traded: list[Any]) -> str:
    """By currency: a cross is paid in another."""
    sums: dict[str, float] = {}
    for instrument, _, turnover, *_ in traded:
        unit = _unit(session, instrument)
        sums[unit] = sums.get(unit, 0.0) + turnover
    return " and ".join(f"{value:,.{0 if value > 99 else 2}f} {u}" for u, value in sums.items())


def _unit(session: Session, instrument: str) -> str:
    return "BTC" if instrument.endswith("-BTC") else session.currency


def section(client: Any, session: Session, kind: str) -> list[str]:
    """Its first trades, each with the reason and the values that the strategy saw."""
    lines = [f"### {kind}", "", f"[What it does]({kind}.md). {NOTES.get(kind, '')}".strip()]
    lines += [
        "",
        f"Parameters: {_parameters(session, kind)}.",
        "",
        _verdict(client, session, kind),
        "",
    ]
    for trade in _ask(client, WHY, kind):
        lines += _trade(session, *trade)
    return lines


def _parameters(session: Session, kind: str) -> str:
    """As the configuration has them."""
    table = session.config.read_text().split(f"[strategies.{kind}]\n")[1].split("\n\n")[0]
    said = [line for line in table.splitlines() if line.split(" = ")[0] not in _WHERE]
    return ", ".join(f"`{line}`" for line in said) or "the defaults"


def _verdict(client: Any, session: Session, kind: str) -> str:
    after, fees, gross = _money(client, kind)
    verbs = ["lost" if value < 0 else "earned" for value in (after, gross)]
    return (
        f"**It {verbs[0]} {abs(after):,.2f} {session.currency}**: its trades {verbs[1]} "
        f"{abs(gross):,.2f} and cost {fees:,.2f} of fees."
    )


def _trade(
    session: Session,
    ts: Any,
    instrument: str,
    side: str,
    reason: str,
    seen: dict[str, float],
    filled: Decimal,
    price: float,
    fee: Decimal,
    earned: Decimal,
) -> list[str]:
    """What was undefined is left out of the values."""
    closed = f", closed for {earned:.4g}" if earned else ""
    told = f"{side} {filled.normalize():f} {instrument} at {price:,.8g}"
    money = f"fee {fee:.4g}{closed} {_unit(session, instrument)}"
    why = reason.replace("_", r"\_").replace("*", r"\*")
    known = [f"`{name}` {value:.6g}" for name, value in seen.items() if not math.isnan(value)]
    at = f"{ts:%H:%M:%S}.{ts.microsecond // 1000:03}"
    return [f"- {at} {told} ({money}): *{why}*", f"  {', '.join(known)}"]


def _ask(client: Any, sql: str, kind: str) -> list[Any]:
    """What the page shows of one strategy, asked of any."""
    found: list[Any] = client.query(sql.replace("'momentum'", f"'{kind}'")).result_rows
    return found
