"""The venue's arrays: what each column means, and the words that their numbers stand for.

Kernels fold over plain int64 arrays. ``Desk`` bundles those that belong to one instrument's orders.
"""

from typing import Any, NamedTuple

import numpy as np

NEVER = np.iinfo(np.int64).max

# columns of a live order
SIDE, IS_LIMIT, KIND, TIF, PRICE, TOTAL, LEAVES, ARRIVES, EXPIRES, STATE = range(10)
QUEUE, LEVEL, EXACT, LAST_AHEAD = range(10, 14)  # its place in the queue: see queue.py
TRADED, GONE, TOLD, FRONT = range(14, 18)  # trades and changes of the book that may be the same
JOINED = 18  # since when it stands there
MET = 19  # what the other side showed within its reach at the last look; NOT_MET: it took nothing
DISPLAY, SHOWN = 20, 21  # an iceberg's display size (0: all), and what is left of the part shown
STOP, HAS_STOP, TRAIL = 22, 23, 24
POST_ONLY, REDUCE_ONLY, ACCOUNT = 25, 26, 27
ORDER_COLUMNS = 28
NOT_MET = -1

# KIND
PLAIN, STOPPING = range(2)
# TIF
GTC, IOC, FOK, DAY, GTD, OPG, CLS = range(7)
# STATE: on its way; waits for its stop price; triggered, acts on the next book; in the book; waits
# for an auction; finished
WAITING, STOPPED, TRIGGERED, RESTING, FOR_AUCTION, DONE = range(6)

# columns of a request for an order that is live: OF is the order's row
OF, ASKED, COMES, NEW_PRICE, NEW_SIZE, NEW_STOP, ANSWERED = range(7)
REQUEST_COLUMNS = 7
CANCEL, REPLACE = range(2)  # ASKED

# columns of an execution
ORDER_ROW, WHAT, AT_PRICE, SIZE, EVENT_ROW, TS = range(6)
EXECUTION_COLUMNS = 6
# WHAT happened; reports.py has the words
(
    TAKEN,
    MADE,
    CROSSED,
    WOKEN,
    CHANGED,
    DECREASED,
    UNFILLED,
    TIMED_OUT,
    NOT_REDUCING,
    NO_CROSS,
    NO_BOOK,
    NOT_TRADING,
    WOULD_TAKE,
    NO_AUCTION,
    NOTHING_TO_REDUCE,
    CANCELED,
    SELF_TRADE,
    CANCEL_TOO_LATE,
    CHANGE_TOO_LATE,
    CHANGE_TOO_SMALL,
    CHANGE_WOULD_TAKE,
) = range(21)
FILLS = (TAKEN, MADE, CROSSED)

# rules: what the configuration chose, one value each
STOP_BY_QUOTE, QUEUE_MODEL, POWER, HIDDEN_PPM, SELF_TRADES, UNIT = range(6)
RULES = 6
CONSERVATIVE, POWER_LAW, LOGARITHM, BY_ORDER = range(4)  # QUEUE_MODEL
ALLOW, CANCEL_NEWEST, CANCEL_OLDEST, DECREMENT = range(4)  # SELF_TRADES

# session: the instrument's trading state and its last trade
PHASE, LAST_PRICE, LAST_SIZE, LAST_TS = range(4)
SESSION = 4
TRADING, AUCTION, HALTED, CLOSED = range(4)  # PHASE

# cursor columns behind those that follow a book: executions written, and when something is due
EXECUTIONS, DUE = 7, 8
CURSOR_COLUMNS = 9


class Desk(NamedTuple):
    """``positions``: an account's, from fills made here; ``out``: executions, written by kernels
    that see to the room (venue.py)."""

    live: Any
    requests: Any
    positions: Any
    rules: Any
    session: Any
    out: Any
