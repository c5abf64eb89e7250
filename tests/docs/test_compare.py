"""The page on comparing: its commands run on a session that is on a broker."""

from pathlib import Path

from schemas.codec import Codec
from streams.kafka import KafkaWriter
from tests.docs.test_docs import blocks, commands, run
from tests.research.live_world import PLANTED, World, traded

PAGE = "docs/how-to/compare-live-with-replay.md"
CONFIG = """
[accounts.desk]
venue = "binance"
currency = "USDT"
[accounts.desk.limits]
max_position = "1"
"""


def test_the_commands_of_the_page(broker_alone: str, tmp_path: Path) -> None:
    env = {"TICKSTREAM_BROKER": broker_alone}
    (tmp_path / "desk.toml").write_text(CONFIG)
    shown = "".join(text for page, text in blocks("compare") if page == PAGE)
    assert run(".venv/bin/tickstream topics create", tmp_path, **env).returncode == 0
    traded(World(PLANTED), 100).publish(KafkaWriter(broker_alone), Codec())
    lines = commands(shown)
    assert len(lines) == 2
    for line in lines:
        done = run(line, tmp_path, **env)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    assert 'queue_model = "power"' in done.stdout
    assert (tmp_path / "var" / "monday" / "compare-desk.html").exists()
