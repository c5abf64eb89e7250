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
    (table,) = (text for page, text in blocks("csv") if page == PAGE)
    (line,) = (one for page, text in blocks("follow") if page == PAGE for one in commands(text))
    (tmp_path / "filings.csv").write_text(table)
    refused = run(line, tmp_path, TICKSTREAM_BROKER=broker_alone)
    assert refused.returncode == 1
    assert "there is no topic ticks" in refused.stderr
    run(".venv/bin/tickstream topics create", tmp_path, TICKSTREAM_BROKER=broker_alone)
    for _ in range(2):
        done = run(f"{line} --json", tmp_path, TICKSTREAM_BROKER=broker_alone)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["disclosures"] == 3
    codec = Codec()
    records = [
        record
        for partition in range(partition_counts(broker_alone)["ticks"])
        for record, _ in read_partition(broker_alone, "ticks", partition)
    ]
    told = {record.cause: codec.decode(record.value) for record in records}
    assert len(records) == 6
    assert len(told) == 3, "the second run has the causes of the first"
    actions = sorted(str(d.action) for d in told.values() if isinstance(d, Disclosure))
    assert actions == [DisclosedAction.NEW, DisclosedAction.NEW, DisclosedAction.REDUCED]
