"""Every query of every dashboard runs on the real tables and finds something to show.

Grafana expands the macros of the ClickHouse plug-in and the dashboard's variables before it sends
a query; here the same is done with concrete values.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLES = ROOT / "sinks/clickhouse/tables"
GRAFANA = ROOT / "config/grafana"
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in (GRAFANA / "dashboards").glob("*.json")
}
DATASOURCE = {"type": "grafana-clickhouse-datasource", "uid": "clickhouse"}

# the minute that dashboard_rows.sql fills, and what it fills it with
FROM, TO = "toDateTime(1767225600)", "toDateTime(1767225660)"
VARIABLES = {
    "instrument": ["SIM:BTC-USD"],
    "account": ["paper", "it's another"],
    "kind": ["time"],
    "spec": ["1s"],
    "feature": ["flow.imbalance", "flow.volume"],
    "model": ["p_up"],
    "strategy": ["momentum"],
}


def queries(dashboard: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each query: of variables, annotations and panels."""
    for variable in dashboard["templating"]["list"]:
        yield f"variable {variable['name']}", variable["query"]
    for annotation in dashboard["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["target"]["rawSql"]
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield f"panel {panel['title']} {panel['id']}{target['refId']}", target["rawSql"]


def expand(sql: str) -> str:
    """What Grafana sends: macros and variables replaced; anything left over is an error."""
    sql = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 >= {FROM} AND \1 <= {TO}", sql)
    interval = r"toStartOfInterval(toDateTime(\1), INTERVAL 5 second)"
    sql = re.sub(r"\$__timeInterval\((\w+)\)", interval, sql)
    for macro, value in (("interval_s", "5"), ("fromTime", FROM), ("toTime", TO)):
        sql = re.sub(rf"\$__{macro}\b", value, sql)
    sql = re.sub(r"\$\{(\w+):sqlstring\}", lambda found: quoted(VARIABLES[found.group(1)]), sql)
    assert "$" not in sql, f"unknown macro or unquoted variable in: {sql}"
    return sql


def quoted(values: list[str]) -> str:
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def test_a_macro_expands_as_in_the_plug_in() -> None:
    assert expand("WHERE $__timeFilter(ts)") == f"WHERE ts >= {FROM} AND ts <= {TO}"
    assert expand("IN (${account:sqlstring})") == "IN ('paper','it''s another')"
    with pytest.raises(AssertionError, match="unquoted variable"):
        expand("WHERE instrument = '$instrument'")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    tables = [path.read_text() for path in sorted(TABLES.glob("*.sql"))]
    assert tables, f"no table definitions in {TABLES}"
    rows = (HERE / "dashboard_rows.sql").read_text().split(";\n")
    work = {
        "setup": [*tables, *(text for text in rows if text.strip())],
        "queries": {
            f"{name}: {query}": expand(sql)
            for name, dashboard in DASHBOARDS.items()
            for query, sql in queries(dashboard)
        },
    }
    command = [sys.executable, str(HERE / "chdb_runner.py")]
    done = subprocess.run(
        command, input=json.dumps(work), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr.splitlines()[-1]
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "name", [f"{name}: {query}" for name, d in DASHBOARDS.items() for query, _ in queries(d)]
)
def test_a_query_runs_on_the_real_tables_and_finds_rows(
    name: str, outcomes: dict[str, dict[str, Any]]
) -> None:
    assert "error" not in outcomes[name], outcomes[name]
    assert outcomes[name]["rows"] > 0


def test_the_dashboards_are_there() -> None:
    assert sorted(DASHBOARDS) == ["market", "models", "risk", "strategies", "trading"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_asks_only_the_provisioned_data_source(name: str) -> None:
    path = GRAFANA / "provisioning/datasources/clickhouse.yml"
    provisioned = [
        {"type": source["type"], "uid": source["uid"]}
        for source in yaml.safe_load(path.read_text())["datasources"]
    ]
    assert DATASOURCE in provisioned
    assert all(asked == DATASOURCE for asked in data_sources(DASHBOARDS[name]))


def data_sources(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if "datasource" in node:
            yield node["datasource"]
        for child in node.values():
            yield from data_sources(child)
    elif isinstance(node, list):
        for child in node:
            yield from data_sources(child)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_links_to_all_others(name: str) -> None:
    others = {f"/d/{other['uid']}" for key, other in DASHBOARDS.items() if key != name}
    assert {link["url"] for link in DASHBOARDS[name]["links"]} == others


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_have_their_own_number_and_place(name: str) -> None:
    panels = DASHBOARDS[name]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    clashes = [
        (a["title"], b["title"])
        for a, b in combinations(panels, 2)
        if overlap(a["gridPos"], b["gridPos"])
    ]
    assert clashes == []


def overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not (beside or below)


def test_grafana_finds_the_dashboards_where_the_compose_file_mounts_them() -> None:
    path = GRAFANA / "provisioning/dashboards/tickstream.yml"
    (provider,) = yaml.safe_load(path.read_text())["providers"]
    volumes = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"][
        "volumes"
    ]
    assert f"./config/grafana/dashboards:{provider['options']['path']}:ro" in volumes
