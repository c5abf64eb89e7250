"""``tickstream doctor``: what is there, what is missing, and what to do about it."""

import importlib.util
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from config.errors import ConfigError
from config.settings import load
from console.broker import BrokerError, docker
from console.broker.probe import check_broker
from sinks.clickhouse.errors import SinkError, hide_password
from sinks.clickhouse.target import open_client


def doctor(config: Path | None) -> dict[str, Any]:
    """``ok`` is false when ``tickstream demo`` would not run here."""
    facts: dict[str, Any] = {
        "tickstream": version("tickstream"),
        "python": sys.version.split()[0],
        "docker": _docker(),
        "java": _found("java", "install Java 17 or newer for the Kafka child process"),
        "maven": _found("mvn", "install Maven, which fetches Kafka's jars"),
        "embedded ClickHouse": _chdb(),
        "free disk": f"{shutil.disk_usage('.').free / 2**30:,.1f} GiB",
    }
    try:
        settings = load(config)
        facts["configuration"] = "fine"
        facts["broker"] = _broker(settings.broker.bootstrap)
        facts["ClickHouse"] = _clickhouse(settings.clickhouse.target)
    except ConfigError as error:
        facts["configuration"] = f"broken: {error}"
    here = "missing" not in facts["embedded ClickHouse"]
    return {"ok": here and facts["configuration"] == "fine", **facts}


def _docker() -> str:
    if docker.engine_answers():
        return "engine answers: the demo can use Redpanda"
    return "no engine answers: the demo uses Apache Kafka as a child process, or the local host"


def _found(program: str, advice: str) -> str:
    return shutil.which(program) or f"missing: {advice}"


def _chdb() -> str:
    if importlib.util.find_spec("chdb"):
        return f"chDB {version('chdb')}"
    return "missing: pip install 'tickstream[embedded]'"


def _broker(bootstrap: str) -> str:
    try:
        check_broker(bootstrap)
    except BrokerError:
        return f"nothing answers at {bootstrap}: make up, or tickstream demo starts its own"
    return f"answers at {bootstrap}"


def _clickhouse(target: str) -> str:
    if target.startswith("embedded:"):
        return target
    try:
        answer = open_client(target).query("SELECT version()").result_rows[0][0]
    except SinkError as error:
        return str(error)
    return f"{answer} at {hide_password(target)}"
