"""What a market frame must satisfy before anything is folded.

The codec has seen to it that the columns fit together; this looks at the values, in one pass.
"""

from schemas.frames import ADD, CHECKSUM, DEPTH, FILL, ORDER, QUOTE, TRADE, MarketFrame
from streams.kernels import kernel
from streams.operator import Refused

MOST_DECIMALS = 18  # what money has
LARGEST = 10**17  # a size: leaves room to add up many in 64 bits
HIGHEST = 4 * 10**18  # a price: leaves room to add two; venues hold absurd asks

_PROBLEMS = (
    "",
    "kinds do not match the sections",
    "a trade with a negative or implausible size, price, time or side",
    "a quote with a negative or implausible size, price or time",
    "a depth message with a negative number of levels or time, or not the levels it announces",
    "a depth level with a negative or implausible size or price",
    "an order with an unknown action, or a negative or implausible size, price or side",
)


def check(frame: MarketFrame) -> None:
    """Raises Refused with the first problem and the row it is in."""
    scales = (frame.price_scale, frame.size_scale)
    if min(scales) < 0 or max(scales) > MOST_DECIMALS:
        raise Refused(f"{frame.instrument}: scales {scales} must lie in 0 … {MOST_DECIMALS}")
    problem, row = _check(
        frame.kinds, frame.trades, frame.quotes, frame.depth, frame.orders, frame.checksums
    )
    if problem:
        raise Refused(
            f"{frame.instrument}: row {row}: {_PROBLEMS[problem]}; the frame is refused whole"
        )


@kernel
def _check(kinds, trades, quotes, depth, orders, checksums):  # type: ignore[no-untyped-def]
    for i in range(len(kinds)):
        if kinds[i] < TRADE or kinds[i] > CHECKSUM:
            return 1, i
    fits = _count(kinds, TRADE) == len(trades.price) and _count(kinds, QUOTE) == len(quotes.bid)
    fits = fits and _count(kinds, DEPTH) == len(depth.seq)
    fits = fits and _count(kinds, ORDER) == len(orders.seq)
    if not fits or _count(kinds, CHECKSUM) != len(checksums.seq):
        return 1, 0
    for i in range(len(trades.price)):
        bad = trades.size[i] < 0 or trades.size[i] > LARGEST or abs(trades.price[i]) > HIGHEST
        if bad or trades.ts_event[i] < 0 or abs(trades.side[i]) > 1:
            return 2, i
    for i in range(len(quotes.bid)):
        bad = quotes.bid_size[i] < 0 or quotes.ask_size[i] < 0 or quotes.ts_event[i] < 0
        if bad or max(abs(quotes.bid[i]), abs(quotes.ask[i])) > HIGHEST:
            return 3, i
    for i in range(len(orders.seq)):
        bad = orders.size[i] < 0 or orders.size[i] > LARGEST or abs(orders.price[i]) > HIGHEST
        bad = bad or orders.action[i] < ADD or orders.action[i] > FILL or orders.ts_event[i] < 0
        if bad or abs(orders.side[i]) > 1:
            return 6, i
    return _check_depth(depth)


@kernel
def _count(kinds, kind):  # type: ignore[no-untyped-def]
    n = 0
    for one in kinds:
        n += one == kind
    return n


@kernel
def _check_depth(depth):  # type: ignore[no-untyped-def]
    levels = 0
    for i in range(len(depth.seq)):
        if depth.bids[i] < 0 or depth.asks[i] < 0 or depth.ts_event[i] < 0:
            return 4, i
        levels += depth.bids[i] + depth.asks[i]
    if levels != len(depth.price):
        return 4, 0
    for i in range(len(depth.price)):
        if depth.size[i] < 0 or depth.size[i] > LARGEST or abs(depth.price[i]) > HIGHEST:
            return 5, i
    return 0, 0
