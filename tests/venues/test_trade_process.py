"""``tickstream trade`` as a process on a real broker, killed while it trades."""

import asyncio
import time
from pathlib import Path

import pytest

from console.processes import Child
from schemas.codec import Codec
from schemas.enums import ExecType
from schemas.inbox import ExecutionReport, Reconciliation
from streams import kafka
from streams.cause import Cause, Taken
from streams.kafka import KafkaWriter
from streams.operators.risk.signing import SigningKey, sign
from tests.venues.alpaca_orders_server import KEY, SECRET, AlpacaOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import ACCOUNT, order, until

pytestmark = pytest.mark.asyncio
RISK_KEY = "a key for tests"
ORDERS = 12  # the venue allows 200 requests a minute

CONFIG = """
[broker]
partitions = 2
[accounts.desk]
venue = "alpaca"
url = "{url}"
[accounts.desk.limits]
max_order_size = "1000"
max_position = "1000"
max_order_notional = "1000000"
max_gross_notional = "1000000"
price_collar = "0.1"
order_rate = "100"
daily_loss = "10000"
[trading]
max_age = "10m"
reconcile = "15s"
grace = "100ms"
timeout = "500ms"
snapshot_interval = "100ms"
"""


class Desk:
    """The adapter as a child process, and the log's two ends."""

    def __init__(self, bootstrap: str, folder: Path, port: int) -> None:
        self.bootstrap, self.folder, self.codec = bootstrap, folder, Codec()
        self.config = folder / "config.toml"
        self.config.write_text(CONFIG.format(url=f"http://127.0.0.1:{port}"))
        self.writer = KafkaWriter(bootstrap)
        self.env = {
            "TICKSTREAM_CONFIG": str(self.config),
            "TICKSTREAM_BROKER": bootstrap,
            "TICKSTREAM_RISK_KEY": RISK_KEY,
            "TICKSTREAM_DESK_KEY": KEY,
            "TICKSTREAM_DESK_SECRET": SECRET,
        }
        self.sent = 0

    def start(self) -> Child:
        return Child("trade", ["trade", ACCOUNT], self.folder / "trade.log", self.env)

    def approve(self, name: str, instrument: str, size: int) -> None:
        key = SigningKey("environment", RISK_KEY.encode())
        message = sign(order(name, instrument, size), key)
        cause = Cause("gate", "orders/0", self.sent, 0)
        self.writer.send("execution", ACCOUNT, self.codec.encode(message), cause)
        self.sent += 1

    def told(self) -> list:
        partition = kafka.partition_of(ACCOUNT, 2)
        taken = Taken()
        return [
            self.codec.decode(record.value)
            for record, _ in kafka.read_partition(self.bootstrap, "orders", partition)
            if taken.is_new(record.cause)
        ]

    def trades(self) -> dict[str, ExecutionReport]:
        """As the gate takes them: each exec id once."""
        found: dict[str, ExecutionReport] = {}
        for message in self.told():
            if isinstance(message, ExecutionReport) and message.exec_type is ExecType.TRADE:
                found.setdefault(message.exec_id, message)
        return found


async def test_a_killed_adapter_loses_and_doubles_nothing(
    broker_alone: str, tmp_path: Path
) -> None:
    server = AlpacaOrdersServer(pieces=2)
    server.misbehave["POST orders"] = ["", "lost", "", "cut", "", "", "500-done", "", "503", "429"]
    server.stream = ["", "", "never", "twice", "", "", "cut"] * 4
    async with serving(server) as port:
        desk = Desk(broker_alone, tmp_path, port)
        child = desk.start()
        try:
            await until(lambda: child.says("listening"), 60)
            for n in range(ORDERS):
                desk.approve(f"o{n}", f"ALPACA:{'AB'[n % 2]}", 2 + n % 3 * 2)
                desk.writer.flush()
                if n % 4 == 3:
                    await asyncio.sleep(0.5)
                    child.kill()
                    child = desk.start()
            await until(lambda: len(server.orders) == ORDERS, 60)
            await settled(desk, server)
            child.check()
        finally:
            child.stop()
    trades = desk.trades().values()
    assert server.refused_duplicates == 0
    assert sum(t.last_size for t in trades) == server.position("*")
    for made in server.orders.values():
        name = made["client_order_id"]
        assert sum(t.last_size for t in trades if t.cl_ord_id == name) == float(made["qty"])
    assert any(isinstance(m, Reconciliation) and m.ended for m in desk.told())
    assert "stopped" in child.log.read_text()
    assert SECRET not in child.log.read_text()


async def settled(desk: Desk, server: AlpacaOrdersServer) -> None:
    deadline = time.monotonic() + 60
    asked = sum(float(o["qty"]) for o in server.orders.values())
    while sum(t.last_size for t in desk.trades().values()) < asked:
        assert time.monotonic() < deadline, "fills are missing"
        await asyncio.sleep(0.5)


async def test_wrong_keys_end_it_with_one_line(broker_alone: str, tmp_path: Path) -> None:
    async with serving(AlpacaOrdersServer()) as port:
        desk = Desk(broker_alone, tmp_path, port)
        desk.env["TICKSTREAM_DESK_SECRET"] = "not the secret"
        child = desk.start()
        await until(lambda: not child.running, 60)
        said = child.last_words()
        assert "ALPACA does not take the keys of account desk" in said
        assert "not the secret" not in desk.folder.joinpath("trade.log").read_text()
