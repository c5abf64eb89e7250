"""Rows land exactly, once, and whole; trouble is named."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from console.processes import free_port
from sinks.clickhouse import native
from sinks.clickhouse.errors import SinkError, hide_password
from sinks.clickhouse.target import open_client
from streams.operators.risk.money import EXACT
from tests.sinks.engine import EXTREMES

ENGINE = Path(__file__).parent / "engine.py"


def step(folder: Path, name: str, *arguments: str) -> Any:
    done = run(folder, name, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.sinks.engine", str(folder), name, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_decimals_are_exact_at_the_ends_of_their_types(tmp_path: Path) -> None:
    rows = step(tmp_path, "exact")
    assert [scaled(open_, 2) for open_, _ in rows] == EXTREMES
    notional = [((v // 10**6) << 64) + 2**64 - 1 for v in EXTREMES]
    wrapped = [wrap(n * 10**13) for n in notional]
    assert [scaled(n, 18) for _, n in rows] == wrapped


def scaled(text: str, scale: int) -> int:
    return int(Decimal(text).scaleb(scale, EXACT))


def wrap(value: int) -> int:
    """To 128 bits, two's complement."""
    return (value + 2**127) % 2**128 - 2**127


def test_the_documented_query_finds_the_last_revision_of_each_bar(tmp_path: Path) -> None:
    found = step(tmp_path, "corrections")
    assert found["all"] == [["3"]]
    assert found["latest"] == [
        ["1.020000000000000000", "2", "1", "0"],
        ["1.010000000000000000", "1", "0", "0"],
    ]


def test_every_record_lands_in_its_table(tmp_path: Path) -> None:
    tables = step(tmp_path, "every_record")
    money = "-123.000000000000000001"
    assert tables["signals"] == [
        ["123.450000000000000000", "6.700000000000000000", "None", "0.25"],
        ["0E-18", "0.100000000000000000", "-1.500000000000000000", "0.5"],
    ]
    assert tables["orders"] == [
        ["TRADE", "1.000000000000000000", "0.700000000000000000", "0.300000000000000000"]
    ]
    assert tables["fills"] == [["1.000000000000000000", "0.700000000000000000", money, "MAKER"]]
    assert tables["positions"] == [["-0.700000000000000000", money]]
    scaled = ["0.050000000000000000", "0.200000000000000000"]
    assert tables["algo"] == [["twap", "end=9, slices=4", *scaled, "True"]]
    assert tables["decisions"] == [["a", "['a', 'b']", "['1', 'none']", "['2', \"x'y\"]"]]
    assert tables["updates"] == [["NEW", "PARTIALLY_FILLED", "0.700000000000000000"]]
    assert tables["states"] == [["0E-18", "0.5", "REDUCE_ONLY", "[1.5, -0.5]"]]
    greeks = [["['X:C']", "[0.5]", "['X:Y']", "[100.0]", "[-1.5]", "[2.0]", "[-0.25]"]]
    assert tables["stress"] == [[*greeks[0], "['crash', 'rally']", "[-50.0, 25.0]", "crash"]]
    exact = ["123.450000000000000000", "6.800000000000000000"]
    assert tables["notices"] == [["CORRECTED", *exact, "@ I"]]
    assert tables["disclosures"] == [["a fund", "SOLD", "BUY", "0.25", "1"]]
    assert tables["bands"] == [["1.000000000000000000", "2.000000000000000000", "B"]]
    bar = ["0.100000000000000000", "3.300000000000000000", "10.500000000000000000", "False"]
    assert tables["vendor_bars"] == [bar]
    assert tables["breakers"] == [["b", "REDUCE_ONLY", "1970-01-01 00:00:01"]]
    assert tables["dead_letters"] == [["bad ' \\ \n", "FF00726177"]]


def test_the_best_bid_and_offer_lands_exactly_and_legs_of_baskets_are_left_out(
    tmp_path: Path,
) -> None:
    found = step(tmp_path, "consolidated")
    most = "9.223372036854775807"
    assert found["rows"] == [
        "('BTC','locked',2,1,1.01,0.000000000000000005,'B:X',1,[1.01,1],"
        "[0.000000000000000005,0.000000000000000007],[1,2],"
        f"1.01,{most},'A:X',1,[1.01],[{most}],[1])",
        "('BTC','normal',0,0,0,0,'',0,[],[],[],0,0,'',0,[],[],[])",
    ]
    assert found["books"] == found["features"] == [["0"]], "tape and features have them"


def test_a_record_sent_twice_is_stored_once(tmp_path: Path) -> None:
    found = step(tmp_path, "duplicates")
    assert found["after"] == found["before"]
    assert int(found["before"][0][0]) > 0
    assert found["position"] == 100


def test_a_killed_sink_takes_up_without_loss_or_doubles(tmp_path: Path) -> None:
    rng = random.Random(5)
    for _ in range(3):
        run(tmp_path / "killed", "write_until_killed", f"{rng.uniform(0.05, 0.6):.3f}")
    after = step(tmp_path / "killed", "write_rest")
    assert after == step(tmp_path / "undisturbed", "write_rest")
    assert len(after["quotes"]) > 1000


def test_a_table_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    step(tmp_path, "drop_column")
    again = run(tmp_path, "write_rest")
    assert "table tickstream.trades lacks trade_id" in again.stderr


def test_varints_are_leb128() -> None:
    assert [native.varint(n).hex() for n in (0, 127, 128, 300)] == ["00", "7f", "8001", "ac02"]


def test_more_decimals_than_the_column_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="19 decimals"):
        native.wide_decimals([0], [0], 19)


def test_something_that_is_no_clickhouse_is_named_without_its_password() -> None:
    with pytest.raises(SinkError, match=r"embedded:DIR") as error:
        open_client("ftp://user:secret@host")
    assert "secret" not in str(error.value)
    assert hide_password("http://u:secret@h:1") == "http://u:***@h:1"


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(SinkError, match=r"127\.0\.0\.1"):
        open_client(f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def refusing_server() -> Iterator[int]:
    """Answers every request as ClickHouse answers a wrong password."""

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = (
                b"Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)"
            )
            self.send_response(403)
            self.send_header("X-ClickHouse-Exception-Code", "516")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Refuse)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def test_a_wrong_password_is_named(refusing_server: int) -> None:
    with pytest.raises(SinkError, match="wrong user or password") as error:
        open_client(f"http://default:secret@127.0.0.1:{refusing_server}")
    assert "secret" not in str(error.value)
