"""Charts: what is in them, not how they look."""

from xml.etree import ElementTree

from console.report.candles import Candle, candles
from console.report.charts import line_chart, lines_chart, signed_chart, standalone
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


def test_points_of_one_moment_are_a_line_too() -> None:
    assert "line gain" in classes(line_chart([(5.0, 1.0), (5.0, 2.0)], "gain"))
    assert "line live" in classes(lines_chart([("live", [(5.0, 1.0), (5.0, 2.0)])]))


def test_lines_share_their_axes_and_are_named() -> None:
    picture = lines_chart([("live", [(0.0, 1.0), (9.0, 2.0)]), ("paper", [(1.0, 0.0), (5.0, 3.0)])])
    found = classes(picture)
    assert (found.count("line live"), found.count("line paper")) == (2, 2)  # and in the legend
    assert "not enough data" in lines_chart([("live", [])])


def test_bars_go_up_or_down_from_zero() -> None:
    found = classes(signed_chart([("queue", -2.0), ("fee", 1.0), ("latency", 0.0)]))
    assert (found.count("down"), found.count("up")) == (1, 2)
    assert "nothing differs" in signed_chart([("queue", 0.0)])
