"""``tickstream alerts`` on a real broker: killed, restarted, its receiver away and back, its
records sent twice. Everybody is told everything, once."""

import json
import time
import urllib.error
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.processes import Child, free_port
from schemas.codec import Codec
from schemas.ledger import LimitChanged
from schemas.records import DeadLetter
from streams.cause import Cause
from streams.kafka import KafkaWriter
from tests.hosts.test_faust_host import fetch
from tests.sinks.receivers import HttpReceiver
from tests.waiting import wait_for

CONFIG = """
[broker]
partitions = 2
[alerts.rules]
silence = {{ on = "silence", severity = "critical", after = "{after}" }}
[alerts.webhook.pager]
url = "{url}"
severity = "info"
per_minute = 100000
first_retry = "50ms"
longest_retry = "200ms"
"""


class Alerting:
    """The process, its receiver, and a ledger to write to."""

    def __init__(self, bootstrap: str, folder: Path, codec: Codec, after: str = "1h") -> None:
        self._folder, self._codec = folder, codec
        self.receiver, self.port = HttpReceiver(free_port()), free_port()
        (folder / "config.toml").write_text(CONFIG.format(url=self.receiver.url, after=after))
        self._env = {
            "TICKSTREAM_CONFIG": str(folder / "config.toml"),
            "TICKSTREAM_BROKER": bootstrap,
            "TICKSTREAM_WEBHOOK_SECRET": "a secret",
        }
        topics = Child("topics", ["topics", "create"], folder / "topics.log", self._env)
        wait_for(lambda: not topics.running)
        topics.check()
        self._writer = KafkaWriter(bootstrap, linger_ms=0)
        self.process: Child | None = None

    def start(self) -> None:
        arguments = ["alerts", "--port", str(self.port)]
        self.process = Child("alerts", arguments, self._folder / "alerts.log", self._env)

    def kill(self) -> None:
        assert self.process
        self.process.kill()

    def stop(self) -> None:
        assert self.process
        self.process.stop()

    def write(self, *numbers: int) -> None:
        """A change of a limit for each number, alternately of two accounts."""
        for n in numbers:
            record = LimitChanged(f"a{n % 2}", n, f"limit {n}", "1", "2", "ada", "")
            value, cause = self._codec.encode(record), Cause("gate", f"orders/{n % 2}", n, 0)
            self._writer.send("ledger", record.account, value, cause)
        self._writer.flush()

    def write_dead_letter(self) -> None:
        letter = self._codec.encode(DeadLetter("ticks", 0, 5, "builder", "rubbish", b"x"))
        self._writer.send("dead-letters", "ticks", letter, Cause("builder", "ticks/0", 5, 0))
        self._writer.send("dead-letters", "ticks", b"rubbish", Cause("builder", "ticks/0", 6, 0))
        self._writer.flush()

    def bodies(self) -> dict[str, Any]:
        """What the receiver got, by key: a receiver drops what it has."""
        found: dict[str, Any] = {}
        for _, _, body in list(self.receiver.requests):
            said = json.loads(body)
            assert found.setdefault(said["key"], said) == said
        return found

    def limits(self) -> Counter[str]:
        """The limits that were told of, each by its message."""
        titles = [b["title"] for b in self.bodies().values() if "limit" in b["title"]]
        return Counter(title.split(" from")[0].split(": ")[1] for title in titles)


@pytest.fixture
def alerting(broker_alone: str, tmp_path: Path, codec: Codec) -> Iterator[Alerting]:
    made = Alerting(broker_alone, tmp_path, codec)
    yield made
    if made.process:
        made.stop()


def expected(last: int) -> Counter[str]:
    return Counter(f"limit {n}" for n in range(last))


def test_no_alert_is_lost_or_doubled_by_kills_and_a_receiver_that_is_away(
    alerting: Alerting,
) -> None:
    alerting.write(*range(20))  # before the first start: news all the same
    alerting.write_dead_letter()
    with alerting.receiver.running():
        alerting.start()
        wait_for(lambda: alerting.limits() == expected(20))
        alerting.receiver.delay_s = 0.05  # so that a kill finds messages under way
        for first, wait in ((20, 0.0), (40, 0.4)):
            alerting.write(*range(first, first + 20))
            time.sleep(wait)
            alerting.kill()
            alerting.start()
        wait_for(lambda: alerting.limits() == expected(60))
    alerting.write(*range(60, 70))  # nobody listens
    wait_for(lambda: "no answer" in health(alerting)["failing"].get("pager", ""))
    alerting.kill()
    alerting.start()
    alerting.receiver.answers = [(500, b"", {}), (429, b"", {"Retry-After": "1"})]
    with alerting.receiver.running():
        wait_for(lambda: alerting.limits() == expected(70))
        alerting.write(*range(30, 70))  # a restarted gate says it again
        alerting.write(70)
        wait_for(lambda: alerting.limits() == expected(71))
        wait_for(lambda: health(alerting)["ok"] and nothing_waits(alerting))
        alerting.stop()
    others = [b["title"] for b in alerting.bodies().values() if "limit" not in b["title"]]
    assert others == ["dead letter of builder"]
    unsure = len(alerting.receiver.requests) - len(alerting.bodies())
    assert unsure <= 8, "sent again: at most what was under way, once a kill, and what was refused"


def nothing_waits(alerting: Alerting) -> bool:
    metrics = fetch(alerting.port, "metrics")
    return 'tickstream_alerts_waiting{channel="pager"} 0.0' in metrics


def health(alerting: Alerting) -> Any:
    """The health page, also when it says that something is wrong."""
    try:
        return json.loads(fetch(alerting.port, "health"))
    except urllib.error.HTTPError as error:
        return json.loads(error.read())
    except OSError:
        return {"ok": False, "failing": {}}


def test_a_silent_ledger_is_told(broker_alone: str, tmp_path: Path, codec: Codec) -> None:
    alerting = Alerting(broker_alone, tmp_path, codec, after="1s")
    try:
        with alerting.receiver.running():
            alerting.start()
            wait_for(lambda: len(alerting.bodies()) > 0)
            titles = {body["title"] for body in alerting.bodies().values()}
    finally:
        alerting.stop()
    assert titles == {"the ledger is silent"}


def test_a_channel_without_its_secret_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[alerts.telegram.desk]\nchat = "1"\n')
    child = Child("alerts", ["alerts", "--config", str(tmp_path / "c.toml")], tmp_path / "log", {})
    wait_for(lambda: not child.running)
    assert child.last_words() == (
        "tickstream: set $TICKSTREAM_TELEGRAM_TOKEN, or $TICKSTREAM_TELEGRAM_TOKEN_FILE to a file "
        "that holds it, with mode 0600"
    )
