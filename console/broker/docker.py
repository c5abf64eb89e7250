"""Whether this machine can run containers: the client alone is no proof, the engine must answer."""

import shutil
import subprocess

ANSWER_S = 10.0


def engine_answers() -> bool:
    """True when a Docker engine is up and reachable from here."""
    return _succeeds("docker", "info", "--format", "{{.ServerVersion}}")


def compose_installed() -> bool:
    """True when the client has the compose plugin, which is packaged apart from it."""
    return _succeeds("docker", "compose", "version")


def _succeeds(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        done = subprocess.run(command, capture_output=True, timeout=ANSWER_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
