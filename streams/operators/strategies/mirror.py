"""Mirror trading: does what others did, as far as they have been right."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.enums import DisclosedAction, Side
from schemas.records import Disclosure
from streams.operators.period import Period
from streams.operators.strategies.disclosed import due, packed
from streams.operators.strategies.kind import strategy
from streams.operators.strategies.parameters import number, span
from streams.operators.strategies.sources import belief, prior, strength, sure
from streams.operators.strategies.view import View
from streams.operators.strategies.wants import Signal

_SECOND, _DAY = 10**9, 86_400 * 10**9
_ENTRIES = (DisclosedAction.NEW, DisclosedAction.INCREASED)
# score above which, name, how far from the price when it became known it still enters
_TIMING = ((0.8, "immediate", 1.015), (0.6, "prompt", 1.02), (0.4, "patient", 1.01))
_WAIT = ("wait", 0.99)
_CUT, _BEAR, _TAKE, _STOP, _LONG, _ENOUGH = -0.05, -0.10, 0.1689, -0.2329, 365 * _DAY, 0.15


@dataclass(frozen=True, slots=True)
class Mirror:
    least: float = number(0.7, 0, 1, "confidence in a disclosure below which it is not followed")
    unknown: float = number(0.5, 0, 1, "confidence in a source that it knows nothing of")
    lag: Period = span(0, "how long after it became known it acts", 0)
    judged: Period = span(5 * 86_400, "after how long a disclosure was right or wrong", 1)
    hurdle: float = number(0.0, 0, 1, "return that makes it right: what trading costs")
    patience: Period = span(30 * 86_400, "how long it waits for a price to enter at", 1)
    oldest: Period = span(
        135 * 86_400, "how long ago it may have been done when it became known", 1
    )
    silence: Period = span(0, "how long a source may say nothing before it is left; 0: for ever")
    expected: float = number(0.08, 1e-6, 10, "return expected of a position that is right")
    risk: float = number(0.20, 1e-6, 10, "volatility expected of it; the odds are their ratio")
    target: float = number(0.15, 1e-6, 10, "volatility that the portfolio shall have, a year")
    portfolio: float = number(0.15, 1e-6, 10, "volatility that it has, a year")
    smallest: float = number(0.0051, 0, 1, "part of the portfolio that a position is at least")
    largest: float = number(0.0329, 1e-6, 1, "part of the portfolio that a position is at most")
    window: int = number(20, 2, 5000, "bars of volatility and of mean volume")
    trend: int = number(5, 1, 5000, "bars of the momentum that entry waits for")

    def check(self) -> None:
        if self.smallest > self.largest:
            raise ValueError(f"smallest {self.smallest} lies above largest {self.largest}")


@dataclass(slots=True)
class Followed:
    """``waiting``: disclosures before their lag is over; ``trials``: when, of whom, which side and
    the mid of those not yet judged. ``idea``: a position not yet entered. ``who``: whom the one
    that is held is of, ``did`` what that one did last, at ``heard``."""

    last: int = 0
    seconds: float = 0.0
    waiting: list[dict[str, Any]] = field(default_factory=list)
    trials: list[list[Any]] = field(default_factory=list)
    wins: dict[str, int] = field(default_factory=dict)
    losses: dict[str, int] = field(default_factory=dict)
    idea: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    did: str = ""
    heard: int = 0
    trimmed: bool = False


def part(params: Mirror, confidence: float) -> float:
    """Of the portfolio: Kelly's, scaled; none where Kelly says none."""
    odds = params.expected / params.risk
    kelly = (odds * confidence - (1 - confidence)) / odds
    if kelly <= 0:
        return 0.0
    scaled = kelly * params.target / params.portfolio * min(1.0, 2 * confidence)
    return min(max(scaled, params.smallest), params.largest)


def timing(days: float, moved: float, volume: float, sigma: float, momentum: float) -> float:
    """0 … 1. ``days`` since it was done; ``moved``: the return since; ``volume`` over its mean;
    ``sigma`` a day; ``momentum``: return in the direction of the position."""
    ratio = min(volume, 2.0)
    busy = min(1.0, ratio / 1.5) if ratio <= 1.5 else 2 - ratio
    return (
        0.25 * max(0.0, 1 - days / 30)
        + 0.20 * max(0.0, 1 - 10 * abs(moved))
        + 0.25 * max(0.0, busy)
        + 0.15 * max(0.0, 1 - sigma / 0.05)
        + 0.15 * min(max((momentum + 0.02) / 0.04, 0.0), 1.0)
    )


@strategy(
    "mirror",
    needs=lambda p: {
        "volatility": f"realised({p.window})",
        "volume": f"rvol({p.window})",
        "momentum": f"log_return({p.trend})",
    },
    state=Followed,
    follows=True,
    fails="What is disclosed late: a 13F tells of holdings 45 days after the quarter, without "
    "shorts, so what was bought may be sold again. Whoever many follow moves the price by it. A "
    "source is judged in each instrument by itself, so its confidence changes slowly. The "
    "confidences given beforehand are those of an earlier system and rest on no evidence that can "
    "be checked: wins and losses overrule them.",
    source="The Beta posterior: Gelman et al. 2013, Bayesian Data Analysis, ch. 2; Kelly 1956, A "
    "New Interpretation of Information Rate; following 13F: Cohen, Polk and Silli 2010, Best "
    "Ideas; that insiders' purchases tell more than their sales: Lakonishok and Lee 2001, Are "
    "Insider Trades Informative?, Review of Financial Studies 14(1)",
)
def mirror(params: Mirror, view: View) -> Iterable[Signal]:
    """It acts on disclosures: filings that ``tickstream mirror FILE.csv`` publishes, and the fills
    of accounts of this system that the key ``follows`` of its table names (``follows = ["desk2"]``;
    without it, all that is published). Each counts from when it became known, ``lag`` later, never
    from when it was done.

    Confidence in a source is the mean of Beta(100c + wins, 100(1 - c) + losses), c as given
    beforehand (``unknown`` where none is). A disclosure is a win when the price went its way by
    more than ``hurdle`` within ``judged``; a source's sales are judged as well. A disclosure's own
    confidence is that times 1 (new position), .9708 (increased), .7726 (sold), .4128 (reduced).

    An insider, who has a role in a company (Form 4), is believed by that beforehand: chief
    executive .9, chief financial officer .8, president .85, director .7, another officer or a vice
    president .65, owner of 10 % .75, else .6 (the first that is found in the title). A purchase of
    more than 100,000 shares counts times 1.1, of fewer than 1,000 times .8, and its size times 1.2
    where that confidence is above .8, 1 above .6, else .8. An insider's sale is followed only out
    of what it was followed into, and not judged: they sell for many reasons that say nothing of
    the price. (The rules that it follows made 1 less the score of it: below any ``least``.)

    It enters what a source opened or increased when that confidence reaches ``least`` and Kelly's
    part is above 0: (odds c - (1 - c)) / odds with odds ``expected`` / ``risk``, times ``target`` /
    ``portfolio`` and min(1, 2c), clamped to ``smallest`` … ``largest``. A direction of 1, all that
    the sizing allows, is ``largest``. (The rules that it follows kept the smallest position where
    Kelly's part is 0.)

    It waits for a price. The score is .25 (30 days less the age) + .20 (price not moved) + .25
    (volume at 1.5 times its mean) + .15 (calm) + .15 (momentum). Above .8 it enters up to 1.5 %
    worse than the price when it became known, above .6 up to 2 %, above .4 up to 1 %, else 1 %
    better.

    It leaves, first that applies: the source sold or changed sides; reduced and the return is below
    -5 %; it holds if the source increased and the return is -10 % or less; halves above +16.89 %;
    leaves below -23.29 %; halves after 365 days above 15 %. Leaving needs no confidence. One source
    at a time is followed in an instrument, and what became known longer ago than ``patience``, or
    was done longer than ``oldest`` before it became known, is neither entered nor judged. With
    ``silence``, it leaves too when the source has said nothing of the position for so long.

    It sees its own instrument alone. What all positions together may be, and those of a sector, is
    the account's to limit: ``max_leverage``, ``max_drawdown``, ``sector.NAME.max_gross_notional``.
    """
    state = view.state
    _count(state, view.ts)
    _judge(params, state, view)
    state.waiting += map(packed, view.disclosed)
    for told in due(state.waiting, view.ts - params.lag):
        _hear(params, view, told)
    state.waiting = [w for w in state.waiting if w["ts_event"] > view.ts - params.lag]
    if view.wanted:
        yield from _held(params, view)
    if not view.wanted and state.idea:
        yield from _entered(params, view)


def _count(state: Followed, ts: int) -> None:
    gap = (ts - state.last) / _SECOND
    if state.last and gap > 0:
        state.seconds += (gap - state.seconds) / 20 if state.seconds else gap
    state.last = ts


def _judge(params: Mirror, state: Followed, view: View) -> None:
    for _, who, side, mid in (trial for trial in state.trials if trial[0] <= view.ts):
        right = side * (view.mid / mid - 1) > params.hurdle
        tally = state.wins if right else state.losses
        tally[who] = tally.get(who, 0) + 1
    state.trials = [trial for trial in state.trials if trial[0] > view.ts]


def _hear(params: Mirror, view: View, told: Disclosure) -> None:
    state = view.state
    side = 1 if told.side is Side.BUY else -1
    fresh = view.ts - told.ts_event - params.lag <= params.patience
    fresh = fresh and told.ts_event - told.ts_traded <= params.oldest
    enters = fresh and told.action in _ENTRIES
    if fresh and (enters or not told.role):
        way = side if enters else -side
        state.trials.append([view.ts + params.judged, told.who, way, view.mid])
    if view.wanted and told.who == state.who:
        turned = side * view.wanted < 0
        state.did = str(DisclosedAction.SOLD if turned else told.action)
        state.heard = told.ts_event
    if told.who == state.idea.get("who"):
        state.idea = {} if told.action is DisclosedAction.SOLD else state.idea
    if enters and (not view.wanted or state.did == DisclosedAction.SOLD):
        _consider(params, view, told, side)


def _consider(params: Mirror, view: View, told: Disclosure, side: int) -> None:
    state = view.state
    tally = state.wins.get(told.who, 0), state.losses.get(told.who, 0)
    believed = belief(prior(told, params.unknown), *tally)
    confidence = sure(told, believed.mean)
    size = min(part(params, confidence) * strength(told, confidence), params.largest)
    if confidence < params.least or not size or confidence < state.idea.get("confidence", 0.0):
        return
    state.idea = {
        "who": told.who,
        "role": told.role,
        "did": str(told.action),
        "direction": side * size / params.largest,
        "confidence": confidence,
        "deviation": believed.deviation,
        "known": view.ts,
        "traded": told.ts_traded,
        "mid": view.mid,
        "price": view.mid if math.isnan(told.price) else told.price,
    }


def _entered(params: Mirror, view: View) -> Iterable[Signal]:
    state, idea = view.state, view.state.idea
    if view.ts - idea["known"] > params.patience:
        state.idea = {}
        return
    if not state.seconds:
        return
    side = 1 if idea["direction"] > 0 else -1
    score = _score(view, idea, side)
    name, worst = next(((n, at) for least, n, at in _TIMING if score > least), _WAIT)
    if side * (view.mid / idea["mid"] - 1) > worst - 1:
        return
    state.idea, state.who, state.did, state.trimmed = {}, idea["who"], idea["did"], False
    state.heard, title = idea["known"], f" ({idea['role']})" if idea["role"] else ""
    yield view.target(
        idea["direction"],
        f"{idea['who']}{title}: {idea['did'].lower()}, confidence {idea['confidence']:.2f}, {name}",
        probability=idea["confidence"],
        confidence=idea["confidence"],
        deviation=idea["deviation"],
        timing=score,
    )


def _score(view: View, idea: dict[str, Any], side: int) -> float:
    days = (view.ts - idea["traded"]) / _DAY
    sigma = view["volatility"] * math.sqrt(_DAY / _SECOND / view.state.seconds)
    moved = view.mid / idea["price"] - 1
    return timing(days, moved, view["volume"], sigma, side * view["momentum"])


def _held(params: Mirror, view: View) -> Iterable[Signal]:
    state = view.state
    side = 1 if view.wanted > 0 else -1
    gain = side * (view.mid / view.entry - 1)
    to, why = _exit(state.did, gain, view.held_ns, state.trimmed)
    if to == 1 and params.silence and view.ts - state.heard > params.silence:
        to, why = 0.0, "says nothing any more"
    if to == 1:
        return
    state.trimmed = True
    yield view.target(view.wanted * to, f"{state.who}: {why}, return {gain:+.2%}", gain=gain)


def _exit(did: str, gain: float, held_ns: int, trimmed: bool) -> tuple[float, str]:
    """How much of the position stays, and why."""
    reduced, halved = did == DisclosedAction.REDUCED, 1.0 if trimmed else 0.5
    if did == DisclosedAction.SOLD:
        return 0.0, "sold"
    if reduced and gain < _CUT:
        return 0.0, "reduced, and it loses"
    if did == DisclosedAction.INCREASED and gain <= _BEAR:
        return 1.0, "increased"
    if gain > _TAKE:
        return halved, "takes profit"
    if gain < _STOP:
        return 0.0, "stop"
    if held_ns > _LONG and gain > _ENOUGH:
        return halved, "held for a year"
    return 1.0, "holds"
