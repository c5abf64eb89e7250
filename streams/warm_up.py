"""Compiles the kernels before the first record comes, so that no record waits for it.

numba compiles on first use (seconds on a fresh machine, then it reads its cache). Folding a made
frame, an order, a clock and a status record through every chain touches each kernel with the types
of real frames. Where baskets are configured, the made instrument is a basket of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from schemas.codec import Codec, Message
from schemas.enums import OrderAction, OrdType, Side, StatusKind, TimeInForce
from schemas.frames import DEPTH, QUOTE, TRADE, Depth, MarketFrame, Quotes, Trades
from schemas.records import Clock, PaperOrder, Status
from streams.chain import ChainFold
from streams.topology import Chain, OperatorConfigs, chains

_NAME = "WARM:UP"


def warm_up(configs: OperatorConfigs, folded: Sequence[Chain] | None = None) -> None:
    """Of all chains, or of these. Takes as long as compiling does: about a minute with an empty
    cache, 1 s with a full one."""
    codec = Codec()
    made: list[Message] = [
        *(_frame(0, True), _order(), _frame(10**9, False), Clock(_NAME, 10**12)),
        Status(_NAME, 10**12, 10**12, StatusKind.CLOSED, ""),
    ]
    configs = _with_basket(configs)
    legs: list[Message] = []
    for chain in chains() if folded is None else folded:
        if chain.reads in ("ticks", "baskets"):
            fold = ChainFold(chain, configs)
            for message in made if chain.reads == "ticks" else legs:
                emitted, _ = fold.apply(codec.decode(codec.encode(message)))
                legs += [e.output.message for e in emitted if e.output.topic == "baskets"]
            fold.restore(fold.snapshot())


def _with_basket(configs: OperatorConfigs) -> OperatorConfigs:
    if not configs.consolidated.baskets:
        return configs
    return replace(
        configs,
        builder=replace(configs.builder, baskets={_NAME: _NAME}),
        consolidated=replace(configs.consolidated, baskets={_NAME: (_NAME,)}),
    )


def _frame(ts: int, snapshot: bool) -> MarketFrame:
    seq, prev = (1, 0) if snapshot else (2, 1)
    return MarketFrame(
        _NAME,
        0,
        0,
        np.array([DEPTH, QUOTE, TRADE], np.uint8),
        Trades._make([*_ints(ts, ts, 1, 10, 1), np.array([1], np.int8)]),
        Quotes._make(_ints(ts, ts, 1, 10, 1, 11, 1)),
        Depth._make(
            [
                *_ints(ts, ts, seq, prev),
                np.array([snapshot], np.uint8),
                np.array([1], np.int32),
                np.array([1], np.int32),
                np.array([10, 11], np.int64),
                np.array([5, 5], np.int64),
            ]
        ),
    )


def _ints(*values: int) -> list[Any]:
    return [np.array([value], np.int64) for value in values]


def _order() -> PaperOrder:
    return PaperOrder(
        _NAME,
        "warm-up",
        "1",
        0,
        OrderAction.NEW,
        Side.BUY,
        OrdType.LIMIT,
        TimeInForce.GTC,
        9,
        1,
        0,
        0,
    )
