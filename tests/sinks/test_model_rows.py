"""What models and features tell fills every column of its table."""

import math
import re
from typing import Any

import pytest

from schemas.records import DriftDetected, Evaluation, FeatureDrift
from sinks.clickhouse.rows import rows_of
from sinks.clickhouse.writer import TABLES
from streams.cause import Cause
from streams.log import LogRecord

NOTHING = math.nan
NUMBERS = (0.4, 0.6, 0.2, 0.7, 0.5, NOTHING, NOTHING, NOTHING)
TOLD: list[tuple[Any, str, int]] = [
    (Evaluation("A:B", "m", 9, 5, 3, *NUMBERS, 1, (3.0,), (0.5,), (NOTHING,)), "evaluations", 1),
    (DriftDetected("A:B", "m", 9, 0.1, 0.2, "reset"), "drifts", 1),
    (
        FeatureDrift("A:B", 9, 5, "core@1", ("a", "b"), (6, 7), (0.1, NOTHING), (0.3, NOTHING)),
        "feature_drift",
        2,
    ),
]


@pytest.mark.parametrize(("message", "table", "count"), TOLD)
def test_a_record_fills_its_table(message: Any, table: str, count: int) -> None:
    record = LogRecord("features", 0, 4, "A:B", b"", Cause("features", "tape/0", 4, 0))
    (rows,) = rows_of(record, message)
    sql = (TABLES / f"{table}.sql").read_text()
    assert (rows.table, rows.count) == (table, count)
    assert list(rows.columns) == re.findall(r"^    `(\w+)`", sql, re.MULTILINE)
