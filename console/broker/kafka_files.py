"""Apache Kafka's jars, fetched once and kept in a cache that all projects of the user share.

Maven resolves and verifies them by the pom.xml beside this file. The jars land in a folder of
their own that is renamed into place when it is complete, so a download that was killed leaves
nothing that looks like an installation, and two downloads at once do not disturb each other.

A storage folder must be formatted before a broker starts on it. Kafka's tool for that is a second
JVM, so it runs once per version: what it writes (the feature levels of that version) is kept as a
template, and a home gets a copy of it with identities of its own.
"""

import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from console.broker.errors import BrokerError
from console.broker.java import Java, find_maven

POM = Path(__file__).with_name("pom.xml")
FETCH_S = 900.0
FORMAT_S = 60.0
TEMPLATE = "bootstrap.checkpoint"
ANY_CLUSTER = "AAAAAAAAAAAAAAAAAAAAAQ"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KafkaFiles:
    """One installed version: `jars/`, the storage template, and class archives by Java build."""

    folder: Path

    @property
    def class_path(self) -> str:
        """The jars by name: a class archive fits only the exact path it was recorded with."""
        return os.pathsep.join(str(jar) for jar in sorted((self.folder / "jars").glob("*.jar")))

    @property
    def template(self) -> Path:
        """What a formatted storage folder holds besides its identities."""
        return self.folder / TEMPLATE

    def class_archive(self, java: Java) -> Path:
        """Where the loaded classes of a broker on this Java are kept (class data sharing)."""
        return self.folder / f"classes-{java.build}.jsa"


def kafka_version() -> str:
    """The version that pom.xml pins."""
    version = ElementTree.parse(POM).findtext("{*}properties/{*}kafka.version")
    if version is None:
        raise BrokerError(f"{POM} has no property kafka.version; restore the file.")
    return version


def installed() -> KafkaFiles | None:
    """The cached files, if a complete download is there."""
    files = KafkaFiles(cache_folder() / f"kafka-{kafka_version()}")
    return files if files.template.exists() else None


def install(java: Java, say: Say) -> KafkaFiles:
    """The cached files, fetched first where they are missing."""
    return installed() or _fetch(java, say)


def cache_folder() -> Path:
    """$TICKSTREAM_CACHE, else the usual place for a user's caches."""
    chosen = os.environ.get("TICKSTREAM_CACHE")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "tickstream"


def _fetch(java: Java, say: Say) -> KafkaFiles:
    version, cache = kafka_version(), cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    say(f"fetching Apache Kafka {version} with mvn (46 jars, 44 MB; once, often under a minute)")
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache) as scratch:
        fresh = KafkaFiles(Path(scratch) / "kafka")
        _copy_jars(fresh.folder)
        _record_template(java, fresh)
        target = cache / f"kafka-{version}"
        try:
            fresh.folder.rename(target)
        except OSError as error:
            if not (target / TEMPLATE).exists():
                raise BrokerError(
                    f"cannot place Apache Kafka at {target}: {error}. Remove that folder and retry."
                ) from error
    return KafkaFiles(target)


def _copy_jars(folder: Path) -> None:
    maven = find_maven()
    if maven is None:
        raise BrokerError("cannot fetch Apache Kafka: mvn is not installed. Install Maven 3.8+.")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    command = [maven, "-B", "-q", "-f", str(POM), *goal, f"-DoutputDirectory={folder / 'jars'}"]
    _run(command, FETCH_S, "mvn could not fetch Apache Kafka's jars")


def _record_template(java: Java, files: KafkaFiles) -> None:
    """Format a throw-away storage folder and keep what does not name a node or a cluster."""
    storage, settings = files.folder / "storage", files.folder / "format.properties"
    settings.write_text(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:9093\n"
        "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n"
        "controller.listener.names=CONTROLLER\n"
        f"log.dirs={storage}\n"
    )
    tool = [java.path, "-cp", files.class_path, "kafka.tools.StorageTool", "format"]
    command = [*tool, "--cluster-id", ANY_CLUSTER, "--config", str(settings)]
    _run(command, FORMAT_S, "Kafka's storage tool failed")
    (storage / TEMPLATE).rename(files.template)
    shutil.rmtree(storage)
    settings.unlink()


def _run(command: list[str], timeout_s: float, failure: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerError(
            f"{failure}: no end after {timeout_s:.0f} s. Check the network."
        ) from error
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise BrokerError(f"{failure} (exit status {done.returncode}):\n{said}")
