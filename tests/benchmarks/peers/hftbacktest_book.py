"""hftbacktest's books over the same updates; run by ``tests.benchmarks.book`` with its own Python.

    python hftbacktest_book.py EVENTS.npy TICK ROUNDS

Prints the median seconds of each kind of book as JSON. A backtest without orders and without
latency is driven to its end: hftbacktest then applies every event twice, once as the exchange sees
it and once as the trader does.
"""

import json
import statistics
import sys
import time
from typing import Any

import numpy as np
from hftbacktest import (
    BacktestAsset,
    HashMapMarketDepthBacktest,
    ROIVectorMarketDepthBacktest,
)
from numba import njit


@njit
def drive(hbt: Any) -> int:
    steps = 0
    while hbt.elapse(60_000_000_000) == 0:
        steps += 1
    return steps


def asset(events: Any, tick: float, l3: bool) -> Any:
    made = (
        BacktestAsset()
        .data([events])
        .linear_asset(1.0)
        .constant_order_latency(0, 0)
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(tick)
        .lot_size(0.00000001)
        .last_trades_capacity(0)
    )
    return made.l3_fifo_queue_model() if l3 else made.risk_adverse_queue_model()


def main() -> None:
    events, tick, rounds = np.load(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    l3 = sys.argv[4:] == ["l3"]
    low, high = events["px"][events["px"] > 0].min(), events["px"].max()
    results = {}
    for name, make in (
        ("hash_map", HashMapMarketDepthBacktest),
        ("roi_vector", ROIVectorMarketDepthBacktest),
    ):
        times = []
        for _ in range(rounds + 1):
            one = asset(events, tick, l3)
            if name == "roi_vector":
                one = one.roi_lb(low).roi_ub(high)
            hbt = make([one])
            started = time.perf_counter()
            drive(hbt)
            times.append(time.perf_counter() - started)
            hbt.close()
        results[name] = statistics.median(times[1:])
    print(json.dumps(results))


if __name__ == "__main__":
    main()
