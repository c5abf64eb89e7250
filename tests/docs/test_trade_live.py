"""The page on trading at a venue: its commands run against a server on this machine."""

import asyncio
from pathlib import Path

import httpx
import pytest

from console.processes import Child, free_port
from tests.docs.test_docs import arguments, blocks, commands, run
from tests.venues.alpaca_orders_server import KEY, SECRET, AlpacaOrdersServer
from tests.venues.order_server import serving
from tests.venues.trading_desk import until

pytestmark = pytest.mark.asyncio
PAGE = "docs/how-to/trade-live.md"


def on_the_page(kind: str) -> str:
    return "".join(text for page, text in blocks(kind) if page == PAGE)


async def test_the_commands_of_the_page(broker_alone: str, tmp_path: Path) -> None:
    async with serving(AlpacaOrdersServer()) as port:
        table = f'[accounts.desk]\nurl = "http://127.0.0.1:{port}"'
        config = on_the_page("toml").replace("[accounts.desk]", table)
        (tmp_path / "desk.toml").write_text(config)
        keys = tmp_path / "var" / "keys" / "desk"
        keys.parent.mkdir(parents=True)
        keys.write_text(f"key = {KEY}\nsecret = {SECRET}\n")
        keys.chmod(0o600)
        await the_adapter_is_well(broker_alone, tmp_path)
        (line,) = commands(on_the_page("refused"))
        done = await asyncio.to_thread(run, line, tmp_path, TICKSTREAM_BROKER=broker_alone)
        assert done.returncode == 1
        assert "no live = true" in done.stderr


async def the_adapter_is_well(broker: str, folder: Path) -> None:
    (line,) = commands(on_the_page("trade"))
    words, health = arguments(line), free_port()
    words[words.index("--port") + 1] = str(health)
    words[words.index("--config") + 1] = str(folder / "desk.toml")
    env = {
        "TICKSTREAM_BROKER": broker,
        "TICKSTREAM_DESK_KEYS_FILE": str(folder / "var" / "keys" / "desk"),
    }
    child = Child("trade", words, folder / "trade.log", env)
    try:
        await until(lambda: child.says("listening") or not child.running)
        child.check()
        async with httpx.AsyncClient() as http:
            async with asyncio.timeout(120):
                while not (await http.get(f"http://127.0.0.1:{health}/health")).json()["ok"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
    finally:
        await asyncio.to_thread(child.stop)
    assert "stopped" in child.log.read_text()
    assert SECRET not in child.log.read_text()
