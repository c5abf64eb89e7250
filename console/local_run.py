"""The demonstration without a broker: the whole topology in this process, on the local host, at the
same pace."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from connectors.sim import venue as sim
from console.commands.connect import play_file, simulate
from console.context import Context
from console.errors import Failure
from console.output import say
from console.show import Show
from console.stats import Stats
from schemas.codec import Message
from sinks.clickhouse.writer import ClickHouseWriter
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.warm_up import warm_up


class LocalRun:
    """Everything in this process."""

    def __init__(self, made: Context, target: str) -> None:
        self._made, self._target = made, target

    def run(self, source: str, seconds: float, show: Show) -> Stats:
        made = self._made
        say("loading kernels (compiled on the first start)")
        warm_up(made.configs)
        sim.warm_up()
        writer = ClickHouseWriter(self._target)
        stats = Stats(time.time())

        def read_record(record: LogRecord, message: Message) -> None:
            writer.add(record, message)
            stats.take(record, message, time.time())

        host = LocalHost(made.configs, made.codec, [read_record])
        stop, failures = threading.Event(), list[Exception]()
        feeder = threading.Thread(target=_guard(failures, lambda: self._feed(source, host, stop)))
        feeder.start()
        with show:
            while time.time() < stats.started + seconds and feeder.is_alive():
                show(stats)
                time.sleep(0.1)
        stats.finished = time.time()
        stop.set()
        feeder.join()
        if failures:
            raise failures[0]
        writer.close()
        return stats

    def _feed(self, source: str, host: LocalHost, stop: threading.Event) -> None:
        settings, codec = self._made.settings, self._made.codec
        if source == "sim":
            simulate(settings, codec, host, stop, None, None)
        elif Path(source).exists():
            play_file(Path(source), settings, codec, host, stop, None)
        else:
            raise Failure(
                f"{source!r}: without a broker use sim or a capture file; "
                "VENUE:SYMBOL needs --broker auto or HOST:PORT"
            )


def _guard(failures: list[Exception], work: Callable[[], None]) -> Callable[[], None]:
    """A thread's failure is raised by who waits for it."""

    def guarded() -> None:
        try:
            work()
        except InterruptedError:
            return
        except Exception as error:  # noqa: BLE001  # raised again by who waits
            failures.append(error)

    return guarded
