"""Apache Kafka as a child process: the real broker where no Docker engine answers.

It never outlives its parent. The usual way on Linux, PR_SET_PDEATHSIG, fires when the *thread*
that started the child ends, which a thread pool does at any time. So a shell watches a pipe whose
other end only the parent holds: when the parent goes, however it goes, the pipe closes and the
watcher kills the broker. One line through the pipe dismisses the watcher.

Most of a JVM's start is loading classes. The first broker on a machine records those it loaded as
it stops (two seconds more, once); later ones map that archive and are ready in half the time. The
optimising compiler stays off: on two cores it delays the start by a fifth of a second, and a
million small messages take as long without it.
"""

import os
import subprocess
from pathlib import Path

from console.broker.errors import BrokerError
from console.broker.java import OLDEST_JAVA, Java, find_java
from console.broker.kafka_files import KafkaFiles, Say, install
from console.broker.kafka_home import Ports, free_ports, prepare_home
from console.broker.probe import wait_until_ready

READY_S = 60.0
STOP_S = 30.0
TAIL_LINES = 15
LOG_SETTINGS = Path(__file__).with_name("log4j2.xml")

WATCHED = """
exec 3<&0
{ read -r dismissed <&3 || kill -9 $$; } >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
"""


def quiet(_: str) -> None:
    """A listener that does not care about progress."""


class KafkaProcess:
    """One broker with a home of its own; it may be killed and started again on the same port."""

    def __init__(self, home: Path, say: Say = quiet) -> None:
        self.home = home.resolve()
        self._say = say
        self._ports: Ports = free_ports()
        self._child: subprocess.Popen[bytes] | None = None
        self._recording: tuple[Path, Path] | None = None

    @property
    def bootstrap(self) -> str:
        """HOST:PORT for clients; stays the same over restarts."""
        return f"127.0.0.1:{self._ports.broker}"

    @property
    def running(self) -> bool:
        """True while the child process lives."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start the broker and return when it serves its partitions; raise when it does not."""
        if self.running:
            return
        self._forget()
        java = _need_java()
        files = install(java, self._say)
        self.home.mkdir(parents=True, exist_ok=True)
        self._say(f"starting Apache Kafka at {self.bootstrap}")
        self._child = self._spawn(self._command(java, files))
        if not wait_until_ready(self.bootstrap, lambda: self.running, READY_S):
            self.kill()
            raise BrokerError(
                f"Apache Kafka did not come up at {self.bootstrap}; it said:\n{self._tail()}"
            )

    def kill(self) -> None:
        """End the broker as a power cut would; its data stays."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        self._recording = None
        self._forget()

    def stop(self) -> None:
        """End the broker in order, by force after a while; harmless when it does not run."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._keep_archive()
        self._forget()

    def _command(self, java: Java, files: KafkaFiles) -> list[str]:
        settings = prepare_home(self.home, self._ports, files)
        return [
            java.path,
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            self._class_sharing(java, files),
            f"-Dtickstream.home={self.home}",
            f"-Dlog4j2.configurationFile={LOG_SETTINGS}",
            "-cp",
            files.class_path,
            "kafka.Kafka",
            str(settings),
        ]

    def _class_sharing(self, java: Java, files: KafkaFiles) -> str:
        archive = files.class_archive(java)
        if archive.exists():
            return f"-XX:SharedArchiveFile={archive}"
        fresh = archive.with_suffix(f".{os.getpid()}-{self._ports.broker}")
        self._recording = (fresh, archive)
        return f"-XX:ArchiveClassesAtExit={fresh}"

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C reaches the parent first, which stops things in order."""
        with (self.home / "kafka.out").open("wb") as output:
            return subprocess.Popen(
                ["/bin/sh", "-c", WATCHED, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _keep_archive(self) -> None:
        if self._recording is not None and self._recording[0].exists():
            os.replace(*self._recording)
        self._recording = None

    def _forget(self) -> None:
        """Dismiss the watcher of a child that has ended."""
        if self._child is not None:
            self._child.communicate(b"dismissed\n")
        self._child = None

    def _tail(self) -> str:
        files = [self.home / "kafka.out", self.home / "kafka.log"]
        lines = [line for f in files if f.exists() for line in f.read_text().splitlines()]
        return "\n".join(lines[-TAIL_LINES:]) or f"nothing; see {self.home}"


def _need_java() -> Java:
    java = find_java()
    if java is None:
        raise BrokerError(
            f"Apache Kafka needs Java {OLDEST_JAVA} or later, and none was found. Install one, set "
            "JAVA_HOME, or name a running broker with --broker HOST:PORT."
        )
    return java
