"""States on a real broker, compressed; those that were kept before that can still be read."""

import json
import random

import pytest

from schemas.codec import Codec
from schemas.records import Snapshot
from streams import kafka
from streams.kafka import LARGEST_RECORD, KafkaWriter
from streams.log import LogError
from streams.snapshots import KafkaSnapshots

TOPIC = "some.state"


@pytest.fixture
def store(broker_alone: str, codec: Codec) -> KafkaSnapshots:
    kafka.create_topics(broker_alone, [TOPIC], partitions=1, replication=1, compacted=True)
    return KafkaSnapshots(broker_alone, codec, KafkaWriter(broker_alone))


def snapshot(state: bytes) -> Snapshot:
    return Snapshot("some", 0, 7, {}, state)


def of_instruments(number: int) -> bytes:
    """As many books and bars as a state holds them: mostly digits, each a little different."""
    levels = [[100_000 + n, n % 977] for n in range(2_500)]
    return json.dumps({f"X:{n}": [n, *levels] for n in range(number)}).encode()


def test_a_state_that_is_larger_than_a_record_is_kept(store: KafkaSnapshots) -> None:
    state = of_instruments(600)
    assert len(state) > LARGEST_RECORD
    store.save((TOPIC, snapshot(state)))
    assert store.load(TOPIC, 0) == snapshot(state)


def test_a_state_of_before_states_were_compressed_is_read(
    store: KafkaSnapshots, broker_alone: str, codec: Codec
) -> None:
    before = KafkaWriter(broker_alone)
    before.send_to(TOPIC, 0, "some", codec.encode(snapshot(b'{"X:Y":1}')))
    before.flush()
    assert store.load(TOPIC, 0) == snapshot(b'{"X:Y":1}')


def test_a_damaged_state_is_no_state(
    store: KafkaSnapshots, broker_alone: str, codec: Codec
) -> None:
    other = KafkaWriter(broker_alone)
    other.send_to(TOPIC, 0, "some", codec.encode(snapshot(b"\x78\x01rubbish")))
    other.flush()
    with pytest.raises(LogError, match=r"some\.state/0: its newest snapshot is damaged"):
        store.load(TOPIC, 0)


def test_what_no_broker_takes_is_refused_with_what_to_do(store: KafkaSnapshots) -> None:
    noise = random.Random(1).randbytes(LARGEST_RECORD + 1)
    with pytest.raises(LogError, match=r"record of 16,7.* with more partitions"):
        store.save((TOPIC, snapshot(b"{" + noise)))
