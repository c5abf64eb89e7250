"""The tools an Apache Kafka child process needs: Java 17 or later, and Maven to fetch the jars."""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

OLDEST_JAVA = 17
ANSWER_S = 20.0


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that is new enough; `build` differs wherever its class archives would not fit."""

    path: str
    major: int
    build: str


def find_java() -> Java | None:
    """The Java of JAVA_HOME, else of the PATH; None where there is none or only an older one."""
    path = shutil.which("java", path=_search_path())
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, "-version"], capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    major = major_version(done.stderr)
    if major is None or major < OLDEST_JAVA:
        return None
    return Java(path, major, hashlib.sha256(done.stderr.encode()).hexdigest()[:12])


def find_maven() -> str | None:
    """The path of mvn, or None."""
    return shutil.which("mvn")


def major_version(banner: str) -> int | None:
    """17 from `openjdk version "17.0.15"`; None when the banner is not one of Java."""
    found = re.search(r'version "(\d+)', banner)
    return int(found.group(1)) if found else None


def _search_path() -> str:
    path = os.environ.get("PATH", os.defpath)
    home = os.environ.get("JAVA_HOME")
    return os.pathsep.join([os.path.join(home, "bin"), path]) if home else path
