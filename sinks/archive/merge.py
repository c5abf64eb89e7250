"""Rows that are there and rows that come → the rows of a file, in its order. Pure.

What always holds:

- Rows of one source are all kept: its records are told apart by their causes, before this.
- Rows of different sources that say the same are one: what the k-th of them says in one source is
  dropped where another has k such rows, so two overlapping captures give each trade once. A trade
  with an id is the same by id, price, size and second (venues tell the same trade's time in ms here
  and in µs there); anything else by all that it says but the time it was received.
- The order is (event time, sequence number, source, place in the source): it does not depend on
  how the rows were batched.
"""

from typing import Any

import numpy as np

from schemas.frames import TRADE
from schemas.lake.kinds import LEVELS, TEXT
from schemas.lake.rows import Rows, concat, order_by

_SECOND = 10**9
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # odd: a bijection of 64 bits each


def merge(there: Rows | None, coming: list[Rows]) -> Rows:
    """Raises ScaleError when the prices of both do not fit one scale."""
    rows = concat([there, *coming] if there else coming)
    if len(rows.sources) > 1:
        rows = rows.take(_first_of_each(rows))
    return rows.take(_order(rows))


def _order(rows: Rows) -> Any:
    columns, kind = rows.columns, rows.kind
    by = [columns[name] for name in ("row", "index", "offset", "source")]
    if kind.seq:
        by.append(columns[kind.seq])
    return order_by([*by, columns[kind.event]])


def _first_of_each(rows: Rows) -> Any:
    """Places of the rows to keep: of those that say the same for the same time in their source,
    the first."""
    source, count = rows.columns["source"], len(rows)
    keys = _says(rows)
    order = np.lexsort([np.arange(count), source, *keys])
    new = np.ones(count, bool)
    new[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    run = new.copy()  # begins where the source changes, too
    run[1:] |= source[order][1:] != source[order][:-1]
    group, starts = np.cumsum(new), np.flatnonzero(run)
    nth = np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count)))
    by_time = np.lexsort([order, nth, group])
    first = np.ones(count, bool)
    first[1:] = (group[by_time][1:] != group[by_time][:-1]) | (
        nth[by_time][1:] != nth[by_time][:-1]
    )
    return np.sort(order[by_time[first]])


def _says(rows: Rows) -> list[Any]:
    columns, kind = rows.columns, rows.kind
    if kind.code == TRADE:
        known = columns["trade_id"] != 0
        at = np.where(known, columns["ts_event"] // _SECOND, columns["ts_event"])
        side = np.where(known, 0, columns["side"])
        return [columns["trade_id"], at, columns["price"], columns["size"], side]
    flat = LEVELS if kind.has_levels else ()
    names = [name for name in kind.columns if name != "ts_recv" and name not in flat]
    keys = [
        np.unique(columns[name], return_inverse=True)[1]
        if kind.columns[name] == TEXT
        else columns[name]
        for name in names
    ]
    return [*keys, _levels_say(rows)] if kind.has_levels else keys


def _levels_say(rows: Rows) -> Any:
    """64 bits for the levels of each message."""
    price, size = (
        rows.columns[name].astype(np.uint64) * np.uint64(m)
        for name, m in zip(LEVELS, _MIX, strict=True)
    )
    mixed = price ^ (size >> np.uint64(31)) ^ size
    mixed *= mixed | np.uint64(1)
    total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(mixed)))
    ends = np.cumsum(rows.counts)
    return total[ends] - total[ends - rows.counts]
