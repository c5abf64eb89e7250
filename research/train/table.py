"""Feature vectors from the table ``features`` of ClickHouse, which holds a row a component.

A component is read at a time, in the table's own order (instrument, name, time).
"""

from collections.abc import Collection
from typing import Any

import numpy as np

from connectors.selection import Selection
from research.train.dataset import History, Vectors
from research.train.errors import TrainError

TABLE = "tickstream.features"


def read(
    client: Any, wanted: Selection, feature_set: str = "", ignored: Collection[str] = ()
) -> History:
    """Without the ``ignored`` columns. Raises TrainError where there is nothing, or several feature
    sets and none is chosen."""
    span = _span(wanted)
    found = client.query(
        f"SELECT instrument, feature_set, count() FROM {TABLE} WHERE {span} "
        "GROUP BY instrument, feature_set ORDER BY instrument, feature_set"
    ).result_rows
    there = [row for row in found if wanted.wants(row[0])]
    chosen = _one_set({row[1] for row in there}, feature_set)
    instruments = [name for name, of, _ in there if of == chosen]
    names = tuple(n for n in _names(client, chosen, instruments) if n not in ignored)
    vectors = {name: _vectors(client, chosen, name, names, span) for name in instruments}
    return History(chosen, names, vectors)


def _one_set(there: set[str], asked: str) -> str:
    known = ", ".join(sorted(there))
    if not there:
        raise TrainError(
            f"{TABLE} holds no vector of these instruments and times: run tickstream sink, or "
            "replay with --clickhouse"
        )
    if asked and asked not in there:
        raise TrainError(f"{TABLE} holds no feature set {asked!r}; there are {known}")
    if not asked and len(there) > 1:
        raise TrainError(f"{TABLE} holds several feature sets; say which: feature_set = {known}")
    return asked or known


def _names(client: Any, feature_set: str, instruments: list[str]) -> tuple[str, ...]:
    """In the order of the vector's components."""
    rows = client.query(
        f"SELECT name FROM {TABLE} WHERE feature_set = {{of:String}} AND instrument = {{at:String}}"
        " GROUP BY name ORDER BY min(row_index)",
        parameters={"of": feature_set, "at": instruments[0]},
    ).result_rows
    return tuple(row[0] for row in rows)


def _vectors(
    client: Any, feature_set: str, instrument: str, names: tuple[str, ...], span: str
) -> Vectors:
    columns = []
    for name in names:
        ts, mid, value = client.query(
            f"SELECT toUnixTimestamp64Nano(ts_event), mid, value FROM {TABLE} WHERE "
            f"instrument = {{at:String}} AND name = {{name:String}} AND feature_set = {{of:String}}"
            f" AND {span} ORDER BY ts_event, offset, row_index",
            parameters={"at": instrument, "name": name, "of": feature_set},
            column_oriented=True,
        ).result_columns or ((), (), ())
        columns.append(np.array(value, np.float64))
    if len({len(column) for column in columns}) > 1:
        raise TrainError(
            f"{TABLE}: vectors of {instrument} in {feature_set} lack components: the set was made "
            "by models of several configurations; choose a span of one with since and until"
        )
    times, mids = np.array(ts, np.int64), np.array(mid, np.float64)
    return Vectors(times, mids, np.column_stack(columns))


def _span(wanted: Selection) -> str:
    parts = ["1"]
    if wanted.from_ns is not None:
        parts.append(f"ts_event >= fromUnixTimestamp64Nano({wanted.from_ns})")
    if wanted.until_ns is not None:
        parts.append(f"ts_event < fromUnixTimestamp64Nano({wanted.until_ns})")
    return " AND ".join(parts)
