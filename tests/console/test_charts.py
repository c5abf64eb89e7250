"""Charts of bars and queues: what is in them, not how they look."""

from xml.etree import ElementTree

from console.report.candles import Candle, candles
from console.report.charts import standalone
from console.report.queues import Queue, queues


def classes(picture: str) -> list[str]:
    root = ElementTree.fromstring(standalone(picture, "a title"))
    return [node.get("class", "") for node in root.iter()]


def test_each_bar_is_a_candle_that_rises_or_falls_with_its_volume() -> None:
    bars = [Candle(0.0, 10, 12, 9, 11, 5), Candle(60.0, 11, 11, 8, 9, 50)]
    found = " ".join(classes(candles(bars))).split()
    assert found.count("rise") == found.count("fall") > 0
    assert "volume" in found
    assert "no bar" in candles([])


def test_each_order_is_a_box() -> None:
    picture = queues([Queue("9.5", [1, 2, 3])], [Queue("10", [4]), Queue("11", [5, 6])])
    found = classes(picture)
    assert (found.count("bid"), found.count("ask")) == (3, 3)
    assert "9.5" in picture
