"""Watches the demonstration's processes over the topics: what they write is what is shown."""

import time
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, TopicPartition

from console.errors import Failure
from console.output import say
from console.processes import READY, Child
from console.show import Show
from console.stats import Stats
from schemas.codec import Codec, CodecError
from streams.kafka import client, partition_counts, to_record
from streams.topology import TOPICS

_DRAIN_S = 20.0
_QUIET_S = 2.5  # longer than a snapshot takes
_START_S = 60.0
_TELL_S = 15.0


class Watcher:
    """Reads every topic, in no group: from the beginning of a broker that was started for the
    run, else from the end."""

    def __init__(self, bootstrap: str, codec: Codec, fresh: bool) -> None:
        self._codec = codec
        self.stats = Stats(time.time())
        self._consumer = Consumer(
            client(bootstrap, **{"group.id": "tickstream-watch", "enable.auto.commit": False})
        )
        counts, start = partition_counts(bootstrap), OFFSET_BEGINNING if fresh else OFFSET_END
        self._consumer.assign(
            [TopicPartition(t, p, start) for t in TOPICS for p in range(counts[t])]
        )

    def await_data(self, worker: Child, children: list[Child], folder: Path) -> None:
        """Until the worker has folded the first frame: that is when the run starts. Compiling its
        kernels takes as long as the machine needs; after that there is no excuse."""
        began = said = time.monotonic()
        ready = 0.0
        while not self.stats.records["tape"]:
            self.stats.started = time.time()
            self._read(0.05)
            for child in children:
                child.check()
            now = time.monotonic()
            if not ready and worker.says(READY):
                ready = now
            if not ready and now - said >= _TELL_S:
                said = now
                say(f"still compiling kernels, {now - began:.0f} s (once on a machine)")
            if ready and now - ready > _START_S:
                raise Failure(
                    f"nothing was folded for {_START_S:.0f} s after the worker was ready; "
                    f"see {folder}/*.log"
                )

    def watch(self, children: list[Child], seconds: float, show: Show) -> None:
        """For so long, or until the last of the children (a file's connector) is done."""
        until = self.stats.started + seconds
        while time.time() < until and children[-1].running:
            self._read(0.01)
            show(self.stats)
            for child in children:
                child.check()
        self.stats.finished = time.time()

    def drain(self) -> None:
        """Until nothing has come for a moment."""
        deadline, quiet = time.monotonic() + _DRAIN_S, time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - quiet < _QUIET_S:
            if self._read(0.1):
                quiet = time.monotonic()

    def close(self) -> None:
        self._consumer.close()

    def _read(self, timeout: float) -> int:
        messages = [m for m in self._consumer.consume(500, timeout) if not m.error()]
        now = time.time()
        for message in messages:
            record = to_record(message)
            try:
                self.stats.take(record, self._codec.decode(record.value), now)
            except CodecError:
                continue  # the sink reports it
        return len(messages)
