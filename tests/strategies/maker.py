"""A market maker to be tested, the vectors that it sees, and what becomes of its orders."""

from decimal import Decimal
from typing import Any

import numpy as np

from schemas.codec import Message
from schemas.enums import Liquidity, OrdStatus
from schemas.frames import FeatureFrame, Vectors
from schemas.inbox import Signal
from schemas.ledger import Decision, Fill, OrderUpdate
from streams.operators.strategies.config import StrategiesConfig, StrategyConfig
from streams.operators.strategies.market_making import (
    MarketMaking,
    market_making,
)
from streams.operators.strategies.parameters import check
from streams.operators.strategies.sizing.fixed import Fixed
from streams.operators.strategies.strategies import Strategies

NAME, SECOND = "TEST:A-B", 10**9
SIZING = Fixed(notional=Decimal(1000))


def stage(**keys: Any) -> Strategies:
    given = {"size": Decimal(1), "max_inventory": Decimal(3), **keys}
    params = MarketMaking(**given)
    check(params)
    columns = {"volatility": "realised_60"}
    config = StrategyConfig("mm", market_making, params, "paper", ("TEST:*",), SIZING, columns)
    return Strategies(StrategiesConfig((config,)))


def frame(*mids: int, first: int = 1, half: int = 5, volatility: float = 1e-4) -> FeatureFrame:
    """Vectors a second apart, prices in hundredths; a volatility of 1 bp per root second."""
    n, mid = len(mids), np.array(mids)
    ts = np.arange(first, first + n) * SECOND
    vectors = Vectors(ts, mid - half, mid + half, np.full(n, volatility))
    return FeatureFrame(NAME, 2, 3, "test", ("realised_60",), vectors)


def said(operator: Strategies, *messages: Message) -> list[Any]:
    return [o.message for message in messages for o in operator.apply(message)]


def approved(signal: Signal) -> Decision:
    order = (signal.account, signal.strategy, signal.signal_id, "c", NAME, signal.ts_event)
    return Decision(*order, True, "", "", "", "")


def filled(signal: Signal, size: int) -> Fill:
    return Fill(
        *(signal.account, signal.strategy, signal.signal_id, "c", "x", NAME, signal.ts_event),
        *(signal.side, signal.price, size, 2, 3, Decimal(0), Liquidity.MAKER, Decimal(0)),
    )


def ended(signal: Signal, how: OrdStatus) -> OrderUpdate:
    order = (signal.account, signal.strategy, signal.signal_id, "c", NAME, signal.ts_event)
    return OrderUpdate(*order, OrdStatus.NEW, how, "", 0, 0, 3, "", "")
