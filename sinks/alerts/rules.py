"""Which records people are told of. Pure: a record in, alerts out.

A threshold of an account is told when it is crossed, not while it lasts; so the rules remember
which thresholds an account is beyond, and that memory is part of a snapshot.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from schemas.enums import TradingState
from schemas.ledger import (
    AccountState,
    BreakerChanged,
    Decision,
    Discrepancy,
    Fill,
    LimitChanged,
)
from schemas.records import DeadLetter
from sinks.alerts.alert import Alert, Severity
from streams.operators.risk.money import plain, scaled

KILL_SWITCH = "kill_switch"


class On(StrEnum):
    """What a rule is about."""

    BREAKER = "breaker"
    KILL_SWITCH = "kill_switch"
    LIMIT = "limit"
    DISCREPANCY = "discrepancy"
    REFUSAL = "refusal"
    FILL = "fill"
    ACCOUNT = "account"
    DEAD_LETTER = "dead_letter"
    SILENCE = "silence"


# what may be compared with ``above``; money in the account's currency
ACCOUNT_MEASURES: dict[str, Callable[[AccountState], Any]] = {
    "loss": lambda state: -state.day_pnl,
    "drawdown": lambda state: state.drawdown,
    "gross": lambda state: state.gross,
    "net": lambda state: abs(state.net),
    "margin": lambda state: state.margin,
    "leverage": lambda state: state.leverage,
    "var": lambda state: state.var,
    "cvar": lambda state: state.cvar,
    "stress_loss": lambda state: -min(state.scenario_pnl, default=0.0),
    "open_orders": lambda state: state.open_orders,
}
FILL_MEASURES: dict[str, Callable[[Fill], Decimal]] = {
    "size": lambda fill: scaled(abs(fill.size), fill.size_scale),
    "notional": lambda fill: scaled(
        abs(fill.size * fill.price), fill.size_scale + fill.price_scale
    ),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """``accounts`` and ``names`` are patterns. ``names`` are those of the breaker, the limit, the
    check that refused, the kind of discrepancy, the instrument of a fill or the stage of a dead
    letter. ``measure`` and ``above`` are for fills and accounts, ``after_ns`` for silence."""

    name: str
    on: On
    severity: Severity
    accounts: tuple[str, ...] = ("*",)
    names: tuple[str, ...] = ("*",)
    measure: str = ""
    above: Decimal = Decimal(0)
    after_ns: int = 0


class _Found(NamedTuple):
    """What a record says to a rule; ``subject`` tells groups apart."""

    title: str
    text: str
    subject: str
    severity: Severity | None = None  # None: the rule's


class Rules:
    """The rules with what they remember: ``beyond`` names the thresholds that are crossed."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.beyond: dict[str, bool] = {}

    def judge(self, record: Any, cause: str) -> list[Alert]:
        """What people are to be told of a record; ``cause`` names the record whenever it comes."""
        account = getattr(record, "account", "")
        made = []
        for rule in self.rules:
            if account and not _matches(account, rule.accounts):
                continue
            for found in self._found(rule, record):
                made.append(_alert(rule, found, account, record, cause))
        return made

    def _found(self, rule: Rule, record: Any) -> Iterator[_Found]:
        match rule.on, record:
            case On.BREAKER, BreakerChanged() if _matches(record.breaker, rule.names):
                yield _breaker(record)
            case On.KILL_SWITCH, LimitChanged() if record.name == KILL_SWITCH:
                yield _limit(record, f"kill switch {record.new_value}")
            case On.LIMIT, LimitChanged() if record.name != KILL_SWITCH:
                if _matches(record.name, rule.names):
                    words = f"{record.name} from {record.old_value} to {record.new_value}"
                    yield _limit(record, words)
            case On.DISCREPANCY, Discrepancy() if not record.resolved:
                if _matches(record.kind, rule.names):
                    yield _discrepancy(record)
            case On.REFUSAL, Decision() if not record.approved and _matches(
                record.rule, rule.names
            ):
                yield _Found(f"order refused by {record.rule}", record.text, record.rule)
            case On.FILL, Fill() if _matches(record.instrument, rule.names):
                yield from _fill(rule, record)
            case On.ACCOUNT, AccountState():
                yield from self._crossed(rule, record)
            case On.DEAD_LETTER, DeadLetter() if _matches(record.stage, rule.names):
                yield _dead_letter(record)

    def _crossed(self, rule: Rule, state: AccountState) -> Iterator[_Found]:
        key = f"{rule.name}|{state.account}"
        value = Decimal(ACCOUNT_MEASURES[rule.measure](state))
        over = not value.is_nan() and value > rule.above
        if over and not self.beyond.get(key):
            self.beyond[key] = True
            text = f"{rule.measure} is {_short(value)}, over {plain(rule.above)}"
            yield _Found(f"{rule.measure} over {plain(rule.above)}", text, rule.measure)
        elif not over:
            self.beyond.pop(key, None)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _short(value: Decimal) -> str:
    return f"{value:.6g}" if value.is_finite() else str(value)


def _alert(rule: Rule, found: _Found, account: str, record: Any, cause: str) -> Alert:
    title = f"{account}: {found.title}" if account else found.title
    return Alert(
        key=f"{cause}|{rule.name}",
        group=f"{rule.name}|{account}|{found.subject}",
        severity=found.severity or rule.severity,
        title=title,
        text=found.text,
        account=account,
        ts_event=getattr(record, "ts_event", 0),
    )


def _breaker(record: BreakerChanged) -> _Found:
    """That trading goes on again is good to know, but wakes nobody."""
    over = record.after is TradingState.NORMAL
    return _Found(
        f"breaker {record.breaker}: {record.after}",
        f"{record.before} to {record.after} by {record.who}: {record.text}",
        f"{record.breaker} {record.after}",
        Severity.INFO if over else None,
    )


def _limit(record: LimitChanged, words: str) -> _Found:
    why = f": {record.reason}" if record.reason else ""
    text = f"{words}, by {record.who}{why}"
    return _Found(words, text, f"{record.name} {record.new_value}")


def _discrepancy(record: Discrepancy) -> _Found:
    what = f"{record.kind} {record.subject}"
    text = f"ours {record.ours}, the venue's {record.venues}; {record.resolution}"
    return _Found(f"discrepancy: {what}", text, what)


def _fill(rule: Rule, record: Fill) -> Iterator[_Found]:
    value = FILL_MEASURES[rule.measure](record)
    if value > rule.above:
        size = plain(FILL_MEASURES["size"](record))
        price = plain(scaled(record.price, record.price_scale))
        words = f"{record.side} {size} {record.instrument} at {price}"
        text = f"{words}: {rule.measure} {plain(value)}, over {plain(rule.above)}"
        yield _Found(f"large fill: {words}", text, record.instrument)


def _dead_letter(record: DeadLetter) -> _Found:
    where = f"{record.source_topic}/{record.source_partition} offset {record.source_offset}"
    return _Found(
        f"dead letter of {record.stage}",
        f"{where}: {record.error[:500]}",
        f"{record.stage} {record.source_topic}",
    )
