"""The auditor's queries, as the documentation shows them, on what a gate decided in a wild day:
they prove what they say they prove, and find what is forged."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.sinks.audit_engine import CHECKS, FORGED, LIMITS, ORDERS, REDUCES


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("audit")
    command = [sys.executable, "-m", "tests.sinks.audit_engine", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_day_was_wild_enough_to_prove_something(facts: Any) -> None:
    orders, approved, refused, reducing, rules = facts["decisions"]
    assert orders >= facts["signals"] > 500
    assert min(approved, refused, reducing) > 50
    assert rules >= 8


def test_every_order_is_listed_with_every_check(facts: Any) -> None:
    assert facts["rows"][CHECKS] > 10 * facts["signals"]


@pytest.mark.parametrize("query", [ORDERS, LIMITS, REDUCES])
def test_a_proof_comes_back_empty(facts: Any, query: int) -> None:
    assert facts["rows"][query] == 0, facts["first"][query]


@pytest.mark.parametrize("n", range(len(FORGED)))
def test_a_forgery_is_found(facts: Any, n: int) -> None:
    assert facts["forged"][n] == 1, FORGED[n][1]
