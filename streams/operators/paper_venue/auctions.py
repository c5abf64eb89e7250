"""Auctions, as far as a log tells of them: trading states, and the trades printed in them.

- An opening auction is the first trade after AUCTION was announced, or after TRADING where none
  was printed before. Orders for the opening (OPG) trade at its price, up to its size.
- A closing auction is the last trade before CLOSED. Orders for the close (CLS) trade at its price,
  up to its size, when CLOSED is announced, if that trade came after they did.
- An order that rests in an auction trades at a printed price that is strictly better than its own,
  up to the printed size; at its own price nobody knows who was served.

All trade as takers: no venue pays a rebate for an auction.
"""

from streams.kernels import kernel
from streams.operators.paper_venue import columns as c
from streams.operators.paper_venue.taking import allowed, end, execute, reaches


@kernel
def wait_for_auction(i, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    """An order for an auction arrives: is one to come?"""
    order, phase = desk.live[i], desk.session[c.PHASE]
    over = c.TRADING if order[c.TIF] == c.OPG else c.CLOSED
    if phase == over:
        end(i, c.NO_AUCTION, ts, event, desk, cursor)
    elif allowed(order, desk) == 0:
        end(i, c.NOTHING_TO_REDUCE, ts, event, desk, cursor)
    else:
        order[c.STATE] = c.FOR_AUCTION


@kernel
def opening(i, price, size, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    """The order trades at the auction's price, and what is left of it ends."""
    order = desk.live[i]
    size = min(size, allowed(order, desk)) if reaches(order, price) else 0
    if size > 0:
        execute(i, c.CROSSED, price, size, ts, event, desk, cursor)
    if order[c.STATE] != c.DONE:
        end(i, c.NO_CROSS, ts, event, desk, cursor)


@kernel
def in_auction(i, price, size, ts, event, desk, cursor):  # type: ignore[no-untyped-def]
    """A resting order with a better limit than the auction's price trades at that price."""
    order = desk.live[i]
    size = min(size, allowed(order, desk))
    if order[c.SIDE] * (order[c.PRICE] - price) > 0 and size > 0:
        execute(i, c.CROSSED, price, size, ts, event, desk, cursor)
        order[c.SHOWN] = min(order[c.SHOWN], order[c.LEAVES])


@kernel
def close(ts, desk, cursor):  # type: ignore[no-untyped-def]
    """CLOSED was announced: orders for the close trade, those of the day end. What is still on
    its way belongs to the next session."""
    session = desk.session
    for i in range(len(desk.live)):
        order = desk.live[i]
        if order[c.STATE] == c.DONE or order[c.STATE] == c.WAITING:
            continue
        if order[c.STATE] == c.FOR_AUCTION and order[c.TIF] == c.CLS:
            size = session[c.LAST_SIZE] if session[c.LAST_TS] >= order[c.ARRIVES] else 0
            opening(i, session[c.LAST_PRICE], size, ts, 0, desk, cursor)
        elif order[c.TIF] == c.DAY:
            end(i, c.TIMED_OUT, ts, 0, desk, cursor)
