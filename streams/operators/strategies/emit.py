"""From what a strategy says to records: signals and commands on ``orders``.

What always holds: prices and sizes leave as integers, sizes rounded down to the instrument's
decimals, bids down and asks up; every signal carries the features that its strategy saw; no two
signals of a strategy in an instrument have one id.
"""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from schemas.enums import CommandAction, OrdType, Side, TimeInForce
from schemas.inbox import OrderCommand, Signal
from streams.operators.strategies.config import StrategyConfig
from streams.operators.strategies.moment import Moment
from streams.operators.strategies.place import Place
from streams.operators.strategies.sizing.sizing import Case
from streams.operators.strategies.wants import Cancel, Order, Price, Quote, Target
from streams.operators.strategies.wants import Signal as Wish

Record = Signal | OrderCommand
_SIDES = (("bid", Side.BUY), ("ask", Side.SELL))


def records(config: StrategyConfig, place: Place, at: Moment, wish: Wish) -> list[Record]:
    """Raises ValueError where a wish makes no sense."""
    match wish:
        case Target():
            return _target(config, place, at, wish)
        case Order():
            return [_order(config, place, at, wish)]
        case Quote():
            return _quote(config, place, at, wish)
        case Cancel():
            return [cancel_all(config, place, at.instrument, at.ts, wish.reason)]
    raise ValueError(f"{wish!r} is nothing that a strategy may say: use view.target, quote, order")


def _target(config: StrategyConfig, place: Place, at: Moment, wish: Target) -> list[Record]:
    direction = float(wish.direction)
    if not -1 <= direction <= 1:
        raise ValueError(f"view.target({wish.direction}): a direction lies in -1 … 1")
    same = direction == place.direction
    if same and not (config.rebalance and direction):
        return []
    target = _signed(config, place, at, wish) if direction else 0
    moved = abs(target - place.target)
    if not moved or (same and moved <= config.rebalance * abs(place.target)):
        return []
    side = Side.BUY if target > place.target else Side.SELL
    want(place, at, direction, target)
    signal = draft(config, place, at, side, wish.reason, wish.numbers)
    return [signal._replace(size=moved, target=target, probability=wish.probability).made()]


def _signed(config: StrategyConfig, place: Place, at: Moment, wish: Target) -> int:
    units = config.sizing.units(_case(config, place, at, wish)) * Decimal(str(wish.direction))
    return int(units.scaleb(at.size_scale).to_integral_value())


def _case(config: StrategyConfig, place: Place, at: Moment, wish: Target | None) -> Case:
    mid = at.mid
    if wish is None:
        volatility = place.meter.volatility
        return Case(
            mid,
            1.0,
            capital=config.capital,
            volatility=volatility,
            instrument=at.instrument,
        )
    return Case(
        mid,
        wish.direction,
        wish.probability,
        None if wish.stop is None else abs(mid - Decimal(str(wish.stop))),
        config.capital,
        place.meter.volatility,
        place.meter.drawdown,
        at.instrument,
    )


def want(place: Place, at: Moment, direction: float, target: int) -> None:
    if direction * place.direction <= 0:  # another side, or none
        place.since, place.entry = at.ts, float(at.mid) if direction else math.nan
    place.direction, place.target = direction, target


class Draft(NamedTuple):
    """A signal in the making."""

    fixed: dict[str, Any]
    size: int = 0
    target: int | None = None
    probability: float = math.nan
    price: int = 0
    ord_type: OrdType = OrdType.MARKET
    time_in_force: TimeInForce = TimeInForce.IOC
    post_only: bool = False

    def made(self) -> Signal:
        rest = self._asdict()
        return Signal(**rest.pop("fixed"), **rest)


def draft(
    config: StrategyConfig,
    place: Place,
    at: Moment,
    side: Side,
    reason: str,
    numbers: dict[str, float],
) -> Draft:
    return Draft(
        {
            "account": config.account,
            "strategy": config.name,
            "signal_id": _name(config, place, at.instrument, at.ts),
            "instrument": at.instrument,
            "ts_event": at.ts,
            "side": side,
            "price_scale": at.price_scale,
            "size_scale": at.size_scale,
            "reason": reason,
            "features": {**at.features, **{k: float(v) for k, v in numbers.items()}},
        }
    )


def _name(config: StrategyConfig, place: Place, instrument: str, ts: int) -> str:
    place.named = [ts, place.named[1] + 1 if place.named[0] == ts else 0]
    number = f"-{place.named[1]}" if place.named[1] else ""
    return f"{config.name}-{instrument}-{ts}{number}"


def _order(config: StrategyConfig, place: Place, at: Moment, wish: Order) -> Signal:
    return _limit(config, place, at, wish, wish.side, wish.price, wish.size, wish.post_only)


def _limit(
    config: StrategyConfig,
    place: Place,
    at: Moment,
    wish: Order | Quote,
    side: Side,
    price: Price,
    size: Price | None,
    post_only: bool,
) -> Signal:
    return (
        draft(config, place, at, side, wish.reason, wish.numbers)
        ._replace(
            size=_size(config, place, at, size),
            price=_price(at, side, price),
            ord_type=OrdType.LIMIT,
            time_in_force=TimeInForce.GTC,
            post_only=post_only,
        )
        .made()
    )


def _price(at: Moment, side: Side, price: Price) -> int:
    exact = Decimal(str(price)).scaleb(at.price_scale)
    rounded = exact.to_integral_value(ROUND_FLOOR if side is Side.BUY else ROUND_CEILING)
    if rounded <= 0:
        raise ValueError(f"a limit price of {price}: it must be above 0")
    return int(rounded)


def _size(config: StrategyConfig, place: Place, at: Moment, size: Price | None) -> int:
    given = config.sizing.units(_case(config, place, at, None)) if size is None else size
    scaled = int(Decimal(str(given)).scaleb(at.size_scale).to_integral_value(ROUND_FLOOR))
    if scaled <= 0:
        raise ValueError(f"a size of {given}: less than the instrument's smallest, or negative")
    return scaled


def _quote(config: StrategyConfig, place: Place, at: Moment, wish: Quote) -> list[Record]:
    """What stands as it is wanted is left alone. An order that the gate has not told of yet cannot
    be named in a command: then everything goes and is quoted anew."""
    if not config.kind.hears:
        raise ValueError("view.quote: write @strategy(…, hears=True), to know what stands")
    asked = {
        name: [_price(at, side, price), _size(config, place, at, size)]
        for (name, side), price, size in zip(
            _SIDES, (wish.bid, wish.ask), (wish.bid_size, wish.ask_size), strict=True
        )
        if price is not None
    }
    standing = [name for name, _ in _SIDES if name in place.quotes]
    old = [name for name in standing if place.quotes[name][1:3] != asked.get(name)]
    made: list[Record] = []
    if any(not place.quotes[name][3] for name in old):
        made.append(cancel_all(config, place, at.instrument, at.ts, wish.reason))
    else:
        made += [_cancel_one(config, place, at, name, wish.reason) for name in old]
    for name, side in _SIDES:
        if name in asked and name not in place.quotes:
            made.append(_stand(config, place, at, wish, name, side, asked[name]))
    return made


def _stand(
    config: StrategyConfig,
    place: Place,
    at: Moment,
    wish: Quote,
    name: str,
    side: Side,
    asked: list[int],
) -> Signal:
    price, size = asked
    units = Decimal(size).scaleb(-at.size_scale)
    at_price = Decimal(price).scaleb(-at.price_scale)
    signal = _limit(config, place, at, wish, side, at_price, units, True)
    place.quotes[name] = [signal.signal_id, price, size, False]
    place.working[signal.signal_id] = units if side is Side.BUY else -units
    return signal


def _cancel_one(
    config: StrategyConfig, place: Place, at: Moment, name: str, reason: str
) -> OrderCommand:
    signal_id = place.quotes.pop(name)[0]
    return _command(config, place, at.instrument, at.ts, CommandAction.CANCEL, signal_id, reason)


def cancel_all(
    config: StrategyConfig, place: Place, instrument: str, ts: int, reason: str
) -> OrderCommand:
    """All orders of the strategy in the instrument."""
    place.quotes.clear()
    return _command(config, place, instrument, ts, CommandAction.CANCEL_ALL, "", reason)


def _command(
    config: StrategyConfig,
    place: Place,
    instrument: str,
    ts: int,
    action: CommandAction,
    signal_id: str,
    reason: str,
) -> OrderCommand:
    return OrderCommand(
        account=config.account,
        command_id=_name(config, place, instrument, ts),
        ts_event=ts,
        action=action,
        signal_id=signal_id,
        instrument=instrument,
        strategy=config.name,
        price=0,
        size=0,
        stop_price=0,
        price_scale=0,
        size_scale=0,
        who=config.name,
        reason=reason,
    )
