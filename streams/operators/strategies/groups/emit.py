"""From what a strategy of a group says to signals on ``orders``, one a member.

What always holds: sizes are rounded towards none, to each member's decimals; while a member is
silent no position grows; a signal says what all members were wanted to be.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from schemas.enums import OrdType, Side, TimeInForce
from schemas.inbox import Signal
from streams.operators.strategies.config import StrategyConfig
from streams.operators.strategies.emit import draft, want
from streams.operators.strategies.groups.place import GroupPlace
from streams.operators.strategies.groups.wants import Hold, Take
from streams.operators.strategies.moment import Moment
from streams.operators.strategies.place import Place
from streams.operators.strategies.sizing.sizing import Case


def hold_signals(
    config: StrategyConfig, place: GroupPlace, at: Sequence[Moment], wish: Hold, silent: bool
) -> list[Signal]:
    """Raises ValueError where a wish makes no sense."""
    if len(wish.weights) != len(at):
        raise ValueError(f"view.hold of {len(wish.weights)} weights: the group has {len(at)}")
    if not 0 <= wish.part <= 1:
        raise ValueError(f"view.hold(part={wish.part}): it lies in 0 … 1")
    targets = _targets(config, place, at, wish)
    if silent:
        legs = zip(targets, place.legs, strict=True)
        targets = [_reduced(target, leg.target) for target, leg in legs]
    if not wish.resize:
        legs = zip(targets, place.legs, strict=True)
        targets = [_kept(target, leg.target, config.rebalance) for target, leg in legs]
    signals = [
        _signal(config, leg, moment, target, wish)
        for leg, moment, target in zip(place.legs, at, targets, strict=True)
        if target != leg.target
    ]
    if not any(targets):
        place.since = 0
    elif not place.since:
        place.since = at[0].ts
    return signals


def _targets(
    config: StrategyConfig, place: GroupPlace, at: Sequence[Moment], wish: Hold
) -> list[int]:
    weights, volatility = _weights(config, place, at, wish)
    price = sum((abs(w) * m.mid for w, m in zip(weights, at, strict=True)), Decimal(0))
    if not price:
        return [0] * len(at)
    case = Case(
        price,
        1.0,
        wish.probability,
        None if wish.stop is None else Decimal(f"{wish.stop:.12g}"),
        config.capital,
        volatility,
        place.drawdown,
    )
    units = config.sizing.units(case) * Decimal(f"{wish.part:.12g}")
    return [
        int((weight * units).scaleb(moment.size_scale))
        for weight, moment in zip(weights, at, strict=True)
    ]


def _weights(
    config: StrategyConfig, place: GroupPlace, at: Sequence[Moment], wish: Hold
) -> tuple[list[Decimal], float]:
    """Units of each member, and the volatility of what they cost: the strategy's or, of its sides,
    the sizing's."""
    weights = [Decimal(f"{weight:.12g}") for weight in wish.weights]
    if not all(weight.is_finite() for weight in weights):
        raise ValueError(f"view.hold({list(wish.weights)}): weights must be numbers")
    if not config.sizing.balances:
        return weights, wish.volatility
    found = place.comovement.balanced([_sign(weight) for weight in weights])
    if found is None:
        return [Decimal(0)] * len(at), math.nan
    money = [Decimal(f"{part:.12g}") for part in found.money.tolist()]
    return [part / moment.mid for part, moment in zip(money, at, strict=True)], found.volatility


def _reduced(target: int, before: int) -> int:
    """Not further from none than it was, nor beyond."""
    if target * before <= 0:
        return 0
    return target if abs(target) < abs(before) else before


def _kept(target: int, before: int, rebalance: float) -> int:
    """What was wanted before, where the member stays on its side and is not off by more than the
    part that is told."""
    if _sign(target) != _sign(before):
        return target
    off = rebalance > 0 and abs(target - before) > rebalance * abs(before)
    return target if off else before


def _sign(value: int | Decimal) -> int:
    return (value > 0) - (value < 0)


def _signal(config: StrategyConfig, leg: Place, at: Moment, target: int, wish: Hold) -> Signal:
    moved = target - leg.target
    side = Side.BUY if moved > 0 else Side.SELL
    want(leg, at, float(_sign(target)), target)
    made = draft(config, leg, at, side, wish.reason, wish.numbers)
    return made._replace(size=abs(moved), target=target, probability=wish.probability).made()


def take_signal(config: StrategyConfig, leg: Place, at: Moment, wish: Take) -> Signal:
    """Raises ValueError for a price or size that the instrument cannot express."""
    price = _exact(wish.price, at.price_scale, "price", at.instrument)
    size = _exact(wish.size, at.size_scale, "size", at.instrument)
    made = draft(config, leg, at, wish.side, wish.reason, wish.numbers)
    return made._replace(
        size=size, price=price, ord_type=OrdType.LIMIT, time_in_force=TimeInForce.IOC
    ).made()


def _exact(value: Decimal, scale: int, what: str, instrument: str) -> int:
    scaled = value.scaleb(scale)
    if scaled != scaled.to_integral_value() or scaled <= 0:
        raise ValueError(f"{instrument}: a {what} of {value}; it has {scale} decimals, above 0")
    return int(scaled)
