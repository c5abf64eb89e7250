"""Which records people are told of, and in what words."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.settings import load
from console.commands.alerts import rules_of
from schemas.enums import DiscrepancyKind, Liquidity, Side, TradingState
from schemas.ledger import (
    AccountState,
    BreakerChanged,
    Decision,
    Discrepancy,
    Fill,
    LimitChanged,
    Tca,
)
from schemas.records import DeadLetter
from sinks.alerts.alert import Severity
from sinks.alerts.rules import ACCOUNT_MEASURES, On, Rule, Rules
from sinks.alerts.silence import Silence

NORMAL, HALTED = TradingState.NORMAL, TradingState.HALTED
TRIPPED = BreakerChanged("a", 7, "rejects", NORMAL, HALTED, "0.6", "0.5", 0, "gate", "too many")
RESET = replace(TRIPPED, before=HALTED, after=NORMAL, who="ada")
KILLED = LimitChanged("a", 7, "kill_switch", "released", "engaged", "ada", "odd")
LIMIT = LimitChanged("a", 7, "max_position", "5", "6", "ada", "")
DIFFERS = Discrepancy("a", "X:Y", 7, DiscrepancyKind.POSITION, "X:Y", "1", "2", "look", False, "b")
REFUSED = Decision("a", "s", "i", "c", "X:Y", 7, False, "strategy.s.daily_loss", "1", "2", "no")
FILL = Fill(
    "a", "s", "i", "c", "e", "X:Y", 7, Side.BUY, 10050, 20, 2, 1, Decimal(0), Liquidity.MAKER,
    Decimal(0),
)  # fmt: skip
DEAD = DeadLetter("ticks", 1, 9, "builder", "no frame", b"rubbish")
ZERO = Decimal(0)
STATE = AccountState(
    "a", 7, "USD", *([ZERO] * 12), float("nan"), float("nan"), float("nan"), 0, NORMAL
)  # fmt: skip


def rule(on: On, **more: Any) -> Rule:
    return Rule("r", on, Severity.CRITICAL, **more)


def told(found: Rule, *records: Any) -> list[tuple[str, str]]:
    rules = Rules((found,))
    return [(a.title, a.text) for n, r in enumerate(records) for a in rules.judge(r, str(n))]


@pytest.mark.parametrize(
    ("on", "record", "title", "text"),
    [
        (On.BREAKER, TRIPPED, "a: breaker rejects: HALTED", "NORMAL to HALTED by gate: too many"),
        (On.KILL_SWITCH, KILLED, "a: kill switch engaged", "kill switch engaged, by ada: odd"),
        (On.LIMIT, LIMIT, "a: max_position from 5 to 6", "max_position from 5 to 6, by ada"),
        (On.DISCREPANCY, DIFFERS, "a: discrepancy: POSITION X:Y", "ours 1, the venue's 2; look"),
        (On.REFUSAL, REFUSED, "a: order refused by strategy.s.daily_loss", "no"),
        (On.DEAD_LETTER, DEAD, "dead letter of builder", "ticks/1 offset 9: no frame"),
    ],
)  # fmt: skip
def test_a_record_is_told_by_the_rule_that_is_about_it_and_by_no_other(
    on: On, record: Any, title: str, text: str
) -> None:
    for other in (On.BREAKER, On.KILL_SWITCH, On.LIMIT, On.DISCREPANCY, On.REFUSAL, On.DEAD_LETTER):
        assert told(rule(other), record) == ([(title, text)] if other is on else [])


@pytest.mark.parametrize(
    ("found", "record"),
    [
        (rule(On.DISCREPANCY), replace(DIFFERS, resolved=True)),
        (rule(On.REFUSAL), replace(REFUSED, approved=True)),
        (rule(On.REFUSAL, names=("max_*",)), REFUSED),
        (rule(On.BREAKER, names=("latency",)), TRIPPED),
        (rule(On.BREAKER, accounts=("b*",)), TRIPPED),
        (rule(On.FILL, measure="size", above=Decimal(2)), FILL),
        (rule(On.SILENCE, after_ns=1), TRIPPED),
    ],
)
def test_what_matches_no_pattern_and_crosses_no_threshold_is_not_told(
    found: Rule, record: Any
) -> None:
    assert told(found, record) == []


def test_patterns_reach_limits_of_every_scope() -> None:
    assert told(rule(On.REFUSAL, names=("*daily_loss",)), REFUSED)


def test_a_fill_is_told_over_its_size_or_its_notional() -> None:
    for measure, above in (("size", "1.9"), ("notional", "200.9")):
        ((title, text),) = told(rule(On.FILL, measure=measure, above=Decimal(above)), FILL)
        assert title == "a: large fill: BUY 2 X:Y at 100.5"
        assert text.endswith(f"over {above}")


def test_a_reset_of_a_breaker_is_information_and_a_group_of_its_own() -> None:
    rules = Rules((rule(On.BREAKER),))
    (tripped,), (reset,) = rules.judge(TRIPPED, "1"), rules.judge(RESET, "2")
    assert (tripped.severity, reset.severity) == (Severity.CRITICAL, Severity.INFO)
    assert tripped.group != reset.group


def test_a_threshold_is_told_when_it_is_crossed_and_again_after_it_was_left() -> None:
    found = rule(On.ACCOUNT, measure="drawdown", above=Decimal(10))
    states = [replace(STATE, drawdown=Decimal(d)) for d in (10, 11, 12, 9, 30)]
    assert [text for _, text in told(found, *states)] == [
        "drawdown is 11, over 10",
        "drawdown is 30, over 10",
    ]


def test_a_loss_is_a_negative_result_of_the_day() -> None:
    found = rule(On.ACCOUNT, measure="loss", above=Decimal(5))
    assert told(found, replace(STATE, day_pnl=Decimal(9))) == []
    assert len(told(found, replace(STATE, day_pnl=Decimal(-6)))) == 1


@pytest.mark.parametrize("measure", ACCOUNT_MEASURES)
def test_every_measure_can_be_compared_and_one_that_is_unknown_crosses_nothing(
    measure: str,
) -> None:
    assert told(rule(On.ACCOUNT, measure=measure, above=Decimal(0)), STATE) == []


def test_each_account_crosses_its_own_threshold() -> None:
    found = rule(On.ACCOUNT, measure="gross", above=Decimal(1))
    high = replace(STATE, gross=Decimal(2))
    assert len(told(found, high, replace(high, account="b"), high)) == 2


def test_the_same_record_makes_the_same_alert() -> None:
    one, other = (Rules((rule(On.BREAKER),)).judge(TRIPPED, "w@s@1.0") for _ in "ab")
    assert one == other
    assert one[0].key == "w@s@1.0|r"


def test_what_no_rule_is_about_is_passed_by() -> None:
    kinds = tuple(rule(on, measure="drawdown") for on in On if on is not On.FILL)
    tca = Tca("a", "s", "i", "X:Y", "X", Side.BUY, 7, 7, *([ZERO] * 5), 1.0, 1.0, 1.0, 0.0, ZERO)
    assert Rules(kinds).judge(tca, "1") == []


def test_the_rules_of_the_default_configuration_tell_what_a_desk_must_know() -> None:
    rules = Rules(tuple(rules_of(load(environment={}).alerts)))
    records = (TRIPPED, KILLED, LIMIT, DIFFERS, REFUSED, DEAD)
    severities = [a.severity.word for r in records for a in rules.judge(r, "1")]
    assert severities == ["critical", "critical", "info", "critical", "warning", "warning"]


def test_a_silence_is_told_once_until_it_is_broken() -> None:
    silence = Silence((rule(On.SILENCE, after_ns=100), rule(On.BREAKER)), 1000)
    assert silence.check(1099) == []
    (alert,) = silence.check(1100)
    assert alert.title == "the ledger is silent"
    assert silence.check(5000) == []
    silence.heard(6000)
    assert silence.check(6050) == []
    (again,) = silence.check(6100)
    assert again.key != alert.key
