"""docker-compose.yml and what it mounts: valid, pinned, watched, without rights or secrets.

No engine is needed: the file is held against the JSON schema of the Compose Specification.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from console.broker.redpanda import BOOTSTRAP, SERVICE

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APPLICATION = ("topics", "connector", "worker", "sink", "archive", "alerts")
ONE_SHOT = ("topics",)
HEALTH_PORTS = {
    "worker": "6066",
    "connector": "6067",
    "sink": "6068",
    "archive": "6071",
    "alerts": "6069",
}


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def prometheus_jobs() -> dict[str, dict[str, Any]]:
    settings = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())
    return {job["job_name"]: job for job in settings["scrape_configs"]}


def test_the_file_follows_the_compose_specification() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
    jsonschema.validate(COMPOSE, schema)


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_to_a_full_version(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].rpartition(":")
    assert re.fullmatch(r"v?\d+\.\d+\.\d+(\.\d+)?", tag), tag


def test_the_dockerfile_pins_its_base() -> None:
    bases = re.findall(r"^FROM (\S+)", dockerfile(), re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_watched_unless_it_runs_once(name: str) -> None:
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["healthcheck"] == {"disable": True}
        assert service["restart"].startswith("on-failure")
    elif name in APPLICATION:
        assert "healthcheck" not in service, "the image's own health check applies"
        assert service["environment"]["HEALTH_PORT"] == HEALTH_PORTS[name]
    else:
        assert service["healthcheck"]["test"]


def test_the_image_has_a_health_check_and_no_root() -> None:
    last_stage = dockerfile().rpartition("\nFROM ")[2]
    assert re.search(r"^HEALTHCHECK ", last_stage, re.MULTILINE)
    user = re.search(r"^USER (\d+):(\d+)$", last_stage, re.MULTILINE)
    assert user is not None
    assert "0" not in user.groups()


@pytest.mark.parametrize("name", APPLICATION)
def test_the_application_runs_without_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["image"] == SERVICES["worker"]["image"]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "user" not in service, "the image's own user applies"
    assert not service.get("privileged", False)


@pytest.mark.parametrize("name", APPLICATION)
def test_the_application_is_told_where_everything_is(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert environment["TICKSTREAM_BROKER"] == "redpanda:9092"
    assert environment["TICKSTREAM_REGISTRY"] == "http://redpanda:8081"
    assert environment["TICKSTREAM_CLICKHOUSE"].endswith("@clickhouse:8123")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_exist_in_a_way_they_allow(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        once = other in ONE_SHOT
        expected = "service_completed_successfully" if once else "service_healthy"
        assert other in SERVICES
        assert wait["condition"] == expected


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_the_loopback_interface_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_the_broker_is_published_where_the_console_looks_for_it() -> None:
    port = BOOTSTRAP.rpartition(":")[2]
    assert f"{BOOTSTRAP}:{port}" in SERVICES[SERVICE]["ports"]
    assert any(f"external://{BOOTSTRAP}" in part for part in SERVICES[SERVICE]["command"])


def test_passwords_come_from_the_environment_and_are_documented() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\$\{(\w+)", text))
    documented = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert named == set(documented)
    values = [line for line in text.splitlines() if re.match(r"\s+\w*PASSWORD:", line)]
    assert values
    assert all("${" in line for line in values)


def test_every_volume_is_declared_and_every_mounted_file_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            found = (ROOT / source).exists() if source.startswith(".") else None
            assert found or source in COMPOSE["volumes"], volume


def test_every_config_is_declared_and_used() -> None:
    used = {c["source"] for s in SERVICES.values() for c in s.get("configs", ())}
    assert used == set(COMPOSE["configs"])


@pytest.mark.parametrize(("name", "port"), HEALTH_PORTS.items())
def test_prometheus_scrapes_every_replica_of_a_process(name: str, port: str) -> None:
    found = prometheus_jobs()[name]["dns_sd_configs"][0]
    assert (found["names"], found["type"], str(found["port"])) == ([name], "A", port)
    assert SERVICES[name]["expose"] == [port]


def test_prometheus_scrapes_the_broker() -> None:
    job = prometheus_jobs()["redpanda"]
    assert job["metrics_path"] == "/public_metrics"
    assert job["static_configs"][0]["targets"] == ["redpanda:9644"]


def test_the_image_installs_only_what_the_lock_names_and_hashes() -> None:
    assert "pip install --require-hashes -r requirements.lock" in dockerfile()
    pinned = re.findall(r"^[\w.\[\]-]+==[^\n]+ \\\n    --hash=", _lock(), re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[\w.\[\]-]+==", _lock(), re.MULTILINE)) > 0


def test_the_lock_names_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[><=~! ]", text)[0] for text in project["dependencies"]}
    locked = set(re.findall(r"^([\w.-]+)(?:\[.*\])?==", _lock(), re.MULTILINE))
    assert wanted <= locked, "run the command at the top of requirements.lock"


def test_the_build_context_holds_what_the_dockerfile_copies() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile(), re.MULTILINE))
    wanted = {name for line in copied for name in line.split()}
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert wanted == allowed


def _lock() -> str:
    return (ROOT / "requirements.lock").read_text()
