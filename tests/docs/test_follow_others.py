"""The page on following others: its file is published by its command, and no row twice."""

import json
from pathlib import Path

from schemas.codec import Codec
from schemas.enums import DisclosedAction
from schemas.records import Disclosure
from streams.kafka import partition_counts, read_partition
from tests.docs.test_docs import blocks, commands, run

PAGE = "docs/how-to/follow-others.md"


def test_the_file_of_the_page_is_published_each_row_once(broker_alone: str, tmp_path: Path) -> None:
    tables = [text for page, text in blocks("csv") if page == PAGE]
    lines = [one for page, text in blocks("follow") if page == PAGE for one in commands(text)]
    for line, table in zip(lines, tables, strict=True):
        (tmp_path / line.split()[-1]).write_text(table)
    refused = run(lines[0], tmp_path, TICKSTREAM_BROKER=broker_alone)
    assert refused.returncode == 1
    assert "there is no topic ticks" in refused.stderr
    run(".venv/bin/tickstream topics create", tmp_path, TICKSTREAM_BROKER=broker_alone)
    for line, told_of in ((lines[0], 3), (lines[1], 2), (lines[0], 3)):
        done = run(f"{line} --json", tmp_path, TICKSTREAM_BROKER=broker_alone)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["disclosures"] == told_of
    codec = Codec()
    records = [
        record
        for partition in range(partition_counts(broker_alone)["ticks"])
        for record, _ in read_partition(broker_alone, "ticks", partition)
    ]
    told = {record.cause: codec.decode(record.value) for record in records}
    assert len(records) == 8
    assert len(told) == 5, "the last run has the causes of the first"
    actions = sorted(str(d.action) for d in told.values() if isinstance(d, Disclosure))
    assert actions == 3 * [DisclosedAction.NEW] + 2 * [DisclosedAction.REDUCED]
