"""ITCH messages → what they do: changes to orders, trades, and places where a status belongs.

ITCH names an order once; later messages give only its id. Here every change gets the order's side
and price back, every execution becomes a trade too, and a replacement is two changes. A message
about an order that is not known (the file began after it, or damage hid it) goes on with side 0
and price 0, so that the book counts it; without a price there is no trade, and without a side no
replacement.
"""

from typing import Any

import numpy as np

from connectors.itch import live_orders as lo
from connectors.itch import messages as ms
from schemas.frames import ADD, CANCEL, EXECUTE, ORDER, TRADE
from streams.kernels import inlined, kernel

STATUS = 0  # beside the kinds of a market frame
# columns of a change; ID is an order's, or a trade's match number; SIDE is an order's, or the
# aggressor's; MESSAGE is the row of the message
KIND, LOCATE, MESSAGE, ACTION, SIDE, ID, PRICE, SIZE = range(8)


def empty_changes(messages: int) -> Any:
    """Room for what so many messages may do."""
    return np.empty((2 * messages, 8), np.int64)


@kernel
def follow(messages, count, live, hidden_sides, out):  # type: ignore[no-untyped-def]
    """Folds the first ``count`` rows into ``live``, which has room for as many orders; returns the
    number of changes. ``hidden_sides``: whether a hidden order's side is told. One long function,
    as handing the columns on to others cost twice as much as all the rest."""
    n = 0
    rows, living = live.rows, live.count
    for i in range(count):
        first, kind, order_id = n, messages.kind[i], messages.order_id[i]
        side, price, size = np.int64(messages.side[i]), messages.price[i], messages.size[i]
        if kind == ms.ADD or kind == ms.ADD_NAMED:
            living[0] += lo.enter(rows, order_id, price, side, size)
            n = _write(out, n, ORDER, ADD, side, order_id, price, size)
        elif kind == ms.TRADING_ACTION:
            n = _write(out, n, STATUS, 0, 0, 0, 0, 0)
        elif kind == ms.HIDDEN_TRADE or kind == ms.CROSS:
            aggressor = -side if hidden_sides else 0
            n = _trade(out, n, aggressor, messages.match[i], price, size)
        elif kind == ms.EXECUTED or kind == ms.EXECUTED_AT:
            side, resting, _, gone = lo.take(rows, order_id, size)
            living[0] -= gone
            n = _write(out, n, ORDER, EXECUTE, side, order_id, resting, size)
            price = price if kind == ms.EXECUTED_AT else resting
            if messages.printable[i] and price:
                n = _trade(out, n, -side, messages.match[i], price, size)
        elif kind == ms.CANCEL or kind == ms.DELETE or kind == ms.REPLACE:
            wanted = size if kind == ms.CANCEL else lo.ALL
            side, resting, taken, gone = lo.take(rows, order_id, wanted)
            living[0] -= gone
            away = size if kind == ms.CANCEL else taken
            n = _write(out, n, ORDER, CANCEL, side, order_id, resting, away)
            if kind == ms.REPLACE and side:
                order_id = messages.new_id[i]
                living[0] += lo.enter(rows, order_id, price, side, size)
                n = _write(out, n, ORDER, ADD, side, order_id, price, size)
        for row in range(first, n):
            out[row, LOCATE], out[row, MESSAGE] = messages.locate[i], i
    return n


@inlined
def _write(out, n, kind, action, side, id_, price, size):  # type: ignore[no-untyped-def]
    out[n, KIND], out[n, ACTION], out[n, SIDE] = kind, action, side
    out[n, ID], out[n, PRICE], out[n, SIZE] = id_, price, size
    return n + 1


@inlined
def _trade(out, n, side, match, price, size):  # type: ignore[no-untyped-def]
    """A cross in which nothing traded is told too; it is no trade."""
    return _write(out, n, TRADE, 0, side, match, price, size) if size else n
