"""A writer that several threads send with, on a real broker."""

import threading

from streams import kafka
from streams.cause import Cause
from streams.kafka import KafkaWriter

TOPIC = "written"


def send(writer: KafkaWriter, key: str, n: int) -> None:
    writer.send(TOPIC, key, b"value", Cause("test", "test/0", n, 0))


def test_a_flush_waits_for_what_was_sent_before_it_and_not_for_what_others_send(
    broker_alone: str,
) -> None:
    kafka.create_topics(broker_alone, [TOPIC], partitions=1, replication=1)
    writer, stop, sent = KafkaWriter(broker_alone), threading.Event(), [0]

    def go_on_sending() -> None:
        while not stop.is_set():
            send(writer, "other", sent[0])
            sent[0] += 1

    other = threading.Thread(target=go_on_sending)
    other.start()
    try:
        for n in range(500):
            send(writer, "ours", n)
        writer.flush()
        there = [r.key for r, _ in kafka.read_partition(broker_alone, TOPIC, 0)]
        assert other.is_alive()
        assert there.count("ours") == 500
    finally:
        stop.set()
        other.join()
    writer.flush()
    assert kafka.end_offsets(broker_alone, [(TOPIC, 0)]) == {(TOPIC, 0): 500 + sent[0]}
