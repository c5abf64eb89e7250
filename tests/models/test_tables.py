"""Changes and states of models fill their tables, column by column."""

import re

import pytest

from schemas.enums import ModelCondition, ModelRole
from schemas.records import ModelChange, ModelState
from sinks.clickhouse.rows import rows_of
from sinks.clickhouse.writer import TABLES
from streams.cause import Cause
from streams.log import LogRecord

CHANGE = ModelChange("models/0", 4, 5, "m", ModelRole.CHALLENGER, "0" * 12, 0.2, "ann", "A/B")
STATE = ModelState(
    "X:A", 5, "m", "trend", "0" * 12, ModelRole.SHADOW, ModelCondition.FAILED, "nan is no number"
)


@pytest.mark.parametrize(
    ("topic", "message", "table"),
    [("tape", CHANGE, "model_changes"), ("features", STATE, "model_states")],
)
def test_a_record_is_one_row_of_its_table(
    topic: str, message: ModelChange | ModelState, table: str
) -> None:
    record = LogRecord(topic, 1, 7, message.key, b"", Cause("features", "tape/1", 3, 0))
    (rows,) = rows_of(record, message)
    assert (rows.table, rows.count) == (table, 1)
    sql = (TABLES / f"{table}.sql").read_text()
    wanted = dict(re.findall(r"^    `(\w+)` (?:LowCardinality\()?(\w+)", sql, re.MULTILINE))
    assert {name: column.type.partition("(")[0] for name, column in rows.columns.items()} == wanted


def test_a_change_is_a_row_once_though_two_topics_hold_it() -> None:
    record = LogRecord("ticks", 1, 7, CHANGE.key, b"", Cause("desk", "desk/ann", 3, 0))
    assert rows_of(record, CHANGE) == []
