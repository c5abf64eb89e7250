"""Book updates a second on one core: L2 on the recorded USD-M session, L3 on made orders, each
beside hftbacktest on the same updates in the same run (in a Python of its own, which ``make bench``
sets up).
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from research import frames
from schemas.codec import Codec
from schemas.frames import ADD, CANCEL, DEPTH, MODIFY, MarketFrame, Orders, cut_market
from streams.operators.market.follow import Book
from tests.benchmarks.timing import median_seconds
from tests.conftest import DATA

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).parent / "peers" / "hftbacktest_book.py"
PYTHON = Path(os.environ.get("TICKSTREAM_PEERS", ROOT / ".venv-peers" / "bin" / "python"))
CAPTURE = DATA / "binance" / "usdm_btcusdt_20240808.gz"
ROUNDS = 9
# hftbacktest's event flags (its documentation, "Data")
EXCH, LOCAL, BUY, SELL = 1 << 31, 1 << 30, 1 << 29, 1 << 28
L2_UPDATE, L2_SNAPSHOT, L3_ADD, L3_CANCEL, L3_MODIFY = 1, 4, 10, 11, 12
EVENT = np.dtype(
    [
        ("ev", "u8"),
        ("exch_ts", "i8"),
        ("local_ts", "i8"),
        ("px", "f8"),
        ("qty", "f8"),
        ("order_id", "u8"),
        ("ival", "i8"),
        ("fval", "f8"),
    ],
    align=True,
)


def run() -> dict[str, Any]:
    if not CAPTURE.exists():
        return {"skipped": "needs the recorded market data in ../shared/data"}
    return {"unit": "updates a second", "l2": l2(), "l3": l3()}


def l2() -> dict[str, Any]:
    """A level set or deleted is an update. Depth alone, from the snapshot on."""
    made = [depth_only(f) for f in frames.read(CAPTURE) if isinstance(f, MarketFrame)]
    made = [frame for frame in made if len(frame)]
    updates = sum(len(frame.depth.price) for frame in made)
    ours = updates / median_seconds(folding(made), ROUNDS)
    peer = beside(events_l2(made), 0.1, "l2")
    return {"updates": updates, "tickstream": round(ours), **rates(updates, peer)}


def l3(messages: int = 400_000, seed: int = 7) -> dict[str, Any]:
    """Adds, cancels and changes around a price, with some thousand orders alive."""
    frame = made_orders(messages, seed)
    parts = [cut_market(frame, n, n + 1000) for n in range(0, messages, 1000)]
    ours = messages / median_seconds(folding(parts), ROUNDS)
    peer = beside(events_l3(frame), 0.01, "l3")
    return {"updates": messages, "tickstream": round(ours), **rates(messages, peer)}


def folding(made: list[MarketFrame]) -> Callable[[], Book]:
    """Folds frames as they come from the log, one by one."""
    codec = Codec()
    read = [codec.decode(codec.encode(frame)) for frame in made]

    def work() -> Book:
        book = Book()
        for frame in read:
            assert isinstance(frame, MarketFrame)
            book.fold(frame)
        return book

    return work


def depth_only(frame: MarketFrame) -> MarketFrame:
    empty = [column[:0] for column in frame.trades], [column[:0] for column in frame.quotes]
    return MarketFrame(
        frame.instrument,
        frame.price_scale,
        frame.size_scale,
        frame.kinds[frame.kinds == DEPTH],
        type(frame.trades)._make(empty[0]),
        type(frame.quotes)._make(empty[1]),
        frame.depth,
    )


def events_l2(made: list[MarketFrame]) -> Any:
    """What the book applies, level by level: the snapshot, and the diffs that continue it."""
    rows = []
    for frame in made:
        depth, level = frame.depth, 0
        for n in range(len(depth.seq)):
            ts, kind = int(depth.ts_recv[n]), L2_SNAPSHOT if depth.snapshot[n] else L2_UPDATE
            for side, count in ((BUY, int(depth.bids[n])), (SELL, int(depth.asks[n]))):
                for i in range(level, level + count):
                    price, size = depth.price[i] / 10, depth.size[i] / 1000
                    rows.append((EXCH | LOCAL | side | kind, ts, ts, price, size, 0, 0, 0.0))
                level += count
    return np.array(rows, EVENT)


def made_orders(messages: int, seed: int) -> MarketFrame:
    rng = np.random.default_rng(seed)
    rows, live, next_id = [], list[tuple[int, int, int]](), 1
    for _ in range(messages):
        draw = rng.random()
        if draw < 0.48 or len(live) < 3000:
            side = 1 if rng.random() < 0.5 else -1
            price = 10_000 - side * (1 + int(rng.exponential(15)))
            rows.append((ADD, side, next_id, price, int(rng.integers(1, 500))))
            live.append((next_id, side, price))
            next_id += 1
            continue
        at = int(rng.integers(len(live)))
        order_id, side, price = live[at]
        if draw < 0.94:
            rows.append((CANCEL, side, order_id, price, 10**9))
            live[at] = live[-1]
            live.pop()
        else:
            rows.append((MODIFY, side, order_id, price, int(rng.integers(1, 500))))
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    n = np.arange(messages, dtype=np.int64) * 1000
    action, side_, order_ids, prices, sizes = columns
    orders = Orders(
        n, n, n, action.astype(np.uint8), side_.astype(np.int8), order_ids, prices, sizes
    )
    template = next(f for f in frames.read(CAPTURE) if isinstance(f, MarketFrame))
    none = depth_only(template)
    return MarketFrame(
        "X:Y",
        2,
        0,
        np.full(messages, 4, np.uint8),
        none.trades,
        none.quotes,
        type(none.depth)._make(column[:0] for column in none.depth),
        orders,
    )


def events_l3(frame: MarketFrame) -> Any:
    kinds = {ADD: L3_ADD, CANCEL: L3_CANCEL, MODIFY: L3_MODIFY}
    orders = frame.orders
    events = np.zeros(len(orders.action), EVENT)
    flags = np.where(orders.side > 0, BUY, SELL)
    events["ev"] = [
        EXCH | LOCAL | int(flag) | kinds[int(action)]
        for flag, action in zip(flags, orders.action, strict=True)
    ]
    events["exch_ts"] = events["local_ts"] = orders.ts_recv
    events["px"], events["qty"] = orders.price / 100, orders.size
    events["order_id"] = orders.order_id
    return events


def beside(events: Any, tick: float, kind: str) -> dict[str, Any]:
    """The peer's median seconds, or why there are none."""
    if not PYTHON.exists():
        return {"missing": "hftbacktest is not set up; make bench does it"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.npy"
        np.save(path, events)
        command = [str(PYTHON), str(PEER), str(path), str(tick), str(ROUNDS), kind]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def rates(updates: int, peer: dict[str, Any]) -> dict[str, Any]:
    """hftbacktest applies each update to two books: its rate counts both."""
    return {
        f"hftbacktest_{name}": round(2 * updates / value) if isinstance(value, float) else value
        for name, value in peer.items()
    }
