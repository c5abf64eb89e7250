"""What must hold of every strategy, shown on records of ``features`` or ``baskets``: the tests
hold it of those that come with the system, ``tickstream strategy check`` of a user's.

Each law returns what breaks it, in words; nothing when it holds.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from schemas.codec import Codec, Message
from schemas.enums import Liquidity
from schemas.frames import Books, FeatureFrame, TapeFrame, cut_features, cut_tape
from schemas.inbox import Signal
from schemas.ledger import Decision, Fill
from schemas.records import Clock, DeadLetter
from streams.operator import Operator
from streams.operators.strategies.config import StrategiesConfig, StrategyConfig
from streams.operators.strategies.groups.config import GroupConfig, GroupStrategiesConfig
from streams.operators.strategies.groups.group_strategies import GroupStrategies
from streams.operators.strategies.strategies import Strategies

Config = StrategyConfig | GroupConfig
Law = Callable[[Config, Sequence[Message]], list[str]]
_CUTS = 12


def say(config: Config, messages: Sequence[Message]) -> list[Message]:
    """Everything that the strategy says to them."""
    return _said(_stage(config), messages)


def _stage(config: Config) -> Operator:
    if isinstance(config, GroupConfig):
        return GroupStrategies(GroupStrategiesConfig((config,)))
    return Strategies(StrategiesConfig((config,)))


def _said(stage: Operator, messages: Sequence[Message]) -> list[Message]:
    return [o.message for message in messages for o in stage.apply(message)]


def with_fills(config: Config, messages: Sequence[Message]) -> list[Message]:
    """The records with what would become of its orders: all are approved, and market orders and
    every third limit order are filled, before the next clock record."""
    stage, made, waiting = _stage(config), list[Message](), list[Message]()
    for message in messages:
        if isinstance(message, Clock) and waiting:
            for fact in waiting:
                stage.apply(fact)
            made += waiting
            waiting = []
        made.append(message)
        for n, said in enumerate(_said(stage, [message])):
            if isinstance(said, Signal):
                waiting += _facts(said, n)
    return made


def _facts(signal: Signal, n: int) -> list[Message]:
    order = (signal.account, signal.strategy, signal.signal_id, signal.signal_id)
    at = (signal.instrument, signal.ts_event)
    made: list[Message] = [Decision(*order, *at, True, "", "", "", "")]
    if signal.target is not None or n % 3 == 0:
        filled = Fill(
            *(*order, f"x{n}", *at),
            side=signal.side,
            price=signal.price or 1,
            size=signal.size,
            price_scale=signal.price_scale,
            size_scale=signal.size_scale,
            fee=Decimal(0),
            liquidity=Liquidity.TAKER,
            realised_pnl=Decimal(0),
        )
        made.append(filled)
    return made


def deterministic(config: Config, messages: Sequence[Message]) -> list[str]:
    """The same input gives the same output."""
    if _bytes(say(config, messages)) == _bytes(say(config, messages)):
        return []
    return ["it says something else the second time: keep what it remembers in view.state alone"]


def survives_a_restart(config: Config, messages: Sequence[Message]) -> list[str]:
    """Wherever it is stopped, it goes on from a snapshot as if nothing had been."""
    whole, before, found, folded = _bytes(say(config, messages)), _stage(config), list[bytes](), 0
    for at in _places(len(messages)):
        found += _bytes(_said(before, messages[folded:at]))
        folded, after = at, _stage(config)
        try:
            after.restore(before.snapshot())
        except TypeError as error:
            return [f"its state cannot be kept: {error}; use numbers, text, lists and dicts"]
        if after.snapshot() != before.snapshot():
            return [f"its state is another after a snapshot at record {at}: use plain fields"]
        if found + _bytes(_said(after, messages[at:])) != whole:
            return [f"after a restart at record {at} it goes on differently: use view.state"]
    return []


def looks_not_ahead(config: Config, messages: Sequence[Message]) -> list[str]:
    """What it says up to a time does not change when the future does."""
    if isinstance(config, GroupConfig) or config.kind.watches(config.params):
        return _looks_not_ahead_in_time(config, messages)
    frame, rng = _joined(messages), np.random.default_rng(1)
    stage = _stage(config)
    whole = [(o.event, o.message) for o in stage.apply(frame)]
    for at in _places(len(frame)):
        other = _stage(config).apply(_with_other_future(frame, at, rng))
        found = _bytes([o.message for o in other if o.event < at])
        if found != _bytes([message for row, message in whole if row < at]):
            return [f"what it says before vector {at} depends on vectors after it"]
    return []


def _looks_not_ahead_in_time(config: Config, messages: Sequence[Message]) -> list[str]:
    """Rows of all frames from a time on are other ones."""
    frames = [m for m in messages if isinstance(m, FeatureFrame | TapeFrame)]
    times = np.unique(np.concatenate([_times(frame) for frame in frames]))
    whole = [m for m in say(config, frames) if isinstance(m, Signal)]
    for at in times[_places(len(times))].tolist():
        rng = np.random.default_rng(at)
        other = say(config, [_other_from(frame, at, rng) for frame in frames])
        found = [m for m in other if isinstance(m, Signal) and m.ts_event < at]
        if _bytes(found) != _bytes([m for m in whole if m.ts_event < at]):
            return [f"what it says before {at} depends on rows of that time and later"]
    return []


def _times(frame: FeatureFrame | TapeFrame) -> Any:
    if isinstance(frame, FeatureFrame):
        return frame.vectors.ts_event
    return np.concatenate([frame.books.ts_event, frame.prints.ts_event])


def _other_from(
    frame: FeatureFrame | TapeFrame, ts: int, rng: np.random.Generator
) -> FeatureFrame | TapeFrame:
    if isinstance(frame, FeatureFrame):
        at = int(np.searchsorted(frame.vectors.ts_event, ts))
        return _with_other_future(frame, at, rng)
    first = int(np.searchsorted(frame.books.ts_event, ts)) * frame.levels
    columns = [column.copy() for column in frame.books]
    for column in columns[3:]:
        column[first:] = column[first:] * rng.integers(2, 5)
    price = frame.prints.price.copy()
    price[frame.prints.ts_event >= ts] *= rng.integers(2, 5)
    return replace(frame, books=Books(*columns), prints=frame.prints._replace(price=price))


def frames_do_not_matter(config: Config, messages: Sequence[Message]) -> list[str]:
    """However vectors are batched, it says the same."""
    rng = random.Random(7)
    cut: list[Message] = []
    for message in messages:
        if isinstance(message, FeatureFrame):
            at = rng.randrange(len(message) + 1)
            parts = (cut_features(message, 0, at), cut_features(message, at, len(message)))
            cut += [part for part in parts if len(part)]
        elif isinstance(message, TapeFrame):
            at = rng.randrange(len(message) + 1)
            pieces = (cut_tape(message, 0, at), cut_tape(message, at, len(message)))
            cut += [piece for piece in pieces if len(piece)]
        else:
            cut.append(message)
    if _bytes(say(config, messages)) == _bytes(say(config, cut)):
        return []
    return ["it says something else when frames are cut"]


def does_not_fail(config: Config, messages: Sequence[Message]) -> list[str]:
    """No vector makes it raise an error."""
    letters = [m.error for m in say(config, messages) if isinstance(m, DeadLetter)]
    return list(dict.fromkeys(letters))


LAWS: tuple[Law, ...] = (
    does_not_fail,
    deterministic,
    survives_a_restart,
    looks_not_ahead,
    frames_do_not_matter,
)


def _bytes(messages: Sequence[Message]) -> list[bytes]:
    codec = Codec()
    return [codec.encode(message) for message in messages]


def _places(length: int) -> list[int]:
    rng = random.Random(length)
    return sorted(rng.randrange(1, length) for _ in range(min(_CUTS, length - 1)))


def _joined(messages: Sequence[Message]) -> FeatureFrame:
    """All vectors as one frame."""
    frames = [m for m in messages if isinstance(m, FeatureFrame)]
    columns = zip(*(frame.vectors for frame in frames), strict=True)
    vectors = type(frames[0].vectors)(*map(np.concatenate, columns))
    return replace(frames[0], vectors=vectors)


def _with_other_future(frame: FeatureFrame, at: int, rng: np.random.Generator) -> FeatureFrame:
    v, k = frame.vectors, len(frame.names)
    bid, ask, values = v.bid.copy(), v.ask.copy(), v.values.copy()
    factor = rng.integers(2, 5)
    bid[at:], ask[at:] = bid[at:] * factor, ask[at:] * factor
    values[at * k :] = rng.permutation(values[at * k :]) * rng.normal()
    return replace(frame, vectors=v._replace(bid=bid, ask=ask, values=values))
