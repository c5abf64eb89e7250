"""Redpanda in a container: the `redpanda` service of docker-compose.yml, and only that one."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from console.broker.broker import Broker, leave_running
from console.broker.docker import compose_installed, engine_answers
from console.broker.errors import BrokerError
from console.broker.probe import check_broker

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
SERVICE = "redpanda"
BOOTSTRAP = "127.0.0.1:19092"
HEALTHY_S = 120
PULL_S = 900.0


def available() -> bool:
    """True when `docker compose` can start the service here."""
    return COMPOSE_FILE.exists() and engine_answers() and compose_installed()


def open_redpanda(say: Callable[[str], None]) -> Broker:
    """Start the service and wait until it is healthy; one that ran before is left running."""
    _require_docker()
    ran_before = bool(_compose("ps", "--status", "running", "--quiet", SERVICE).strip())
    say("starting Redpanda with docker compose (the first time pulls its image, about 200 MB)")
    _compose("up", "--detach", "--wait", "--wait-timeout", str(HEALTHY_S), SERVICE)
    check_broker(BOOTSTRAP)
    return Broker(BOOTSTRAP, "redpanda", leave_running if ran_before else _stop)


def _stop() -> None:
    _compose("stop", SERVICE)


def _require_docker() -> None:
    if not COMPOSE_FILE.exists():
        raise BrokerError(f"{COMPOSE_FILE} is missing: Redpanda needs a checkout of the project.")
    if not engine_answers():
        raise BrokerError("no Docker engine answers. Start it, or use --broker kafka.")
    if not compose_installed():
        raise BrokerError("`docker compose` is missing. Install its plugin, or use --broker kafka.")


def _compose(*arguments: str) -> str:
    command = ["docker", "compose", "--file", str(COMPOSE_FILE), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PULL_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BrokerError(f"`{' '.join(command)}` did not end within {PULL_S:.0f} s") from error
    if done.returncode != 0:
        said = "\n".join(done.stderr.splitlines()[-12:])
        raise BrokerError(f"`{' '.join(command)}` failed:\n{said}")
    return done.stdout
