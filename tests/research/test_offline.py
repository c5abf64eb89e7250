"""Books, bars and pictures of recorded files, without a log."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from connectors.binance import capture_form
from connectors.events import DepthEvent, QuoteEvent, TradeEvent
from console.report.heat_map import Column, heat_map
from research import bars, books, depth, frames, tables
from schemas.frames import MarketFrame
from streams.operators.market import queries
from streams.operators.market.bars import parse
from streams.operators.market.book import ASK, BID
from streams.operators.market.order_book import queue_position


@pytest.fixture(scope="module")
def spot(recorded: Path) -> Path:
    return recorded / "binance" / "spot_btcusdt_20240808.gz"


def test_a_book_at_a_moment_is_what_a_dictionary_holds_then(spot: Path) -> None:
    events = [(p.at, e) for p in capture_form.pieces(spot) for e in p.found]
    until = events[len(events) // 2][0]
    diffs = [e for at, e in events if at <= until and isinstance(e, DepthEvent)]
    (snapshot,) = [e for e in diffs if e.snapshot]
    bids, asks = dict(snapshot.bids), dict(snapshot.asks)
    for diff in diffs:
        if diff.seq > snapshot.seq:
            bids.update(diff.bids)
            asks.update(diff.asks)
    found = books.at(spot, until)["BINANCE:BTC-USDT"]
    expected = sorted(((p, s) for p, s in bids.items() if s), reverse=True)
    assert found.side(BID, 10_000) == expected
    assert found.side(ASK, 10_000) == sorted((p, s) for p, s in asks.items() if s)
    assert found.ts_recv <= until
    best = expected[0]
    state = found.book.state
    assert queries.size_to(state, BID, expected[2][0]) == sum(s for _, s in expected[:3])
    filled, worst, paid = queries.sweep(state, BID, best[1] + 1)
    assert (filled, worst) == (best[1] + 1, expected[1][0])
    assert paid == pytest.approx(best[0] * best[1] + expected[1][0])
    assert queries.spread(state) == min(p for p, s in asks.items() if s) - best[0]


def test_orders_stand_in_their_queues(recorded: Path) -> None:
    path = recorded / "databento" / "orderbooks_mbo_2024-05-08.mbo.dbn.zst"
    found = books.at(path)["GLBX:ESM4"]
    best = found.side(BID, 1)[0]
    queue = [row for row in found.orders().tolist() if row[1:3] == [1, best.price]]
    assert sum(size for *_, size in queue) == best.size
    ahead = 0
    for n, (order_id, _, _, size) in enumerate(queue):
        assert queue_position(found.book.orders.state, order_id) == (n, ahead)
        ahead += size


def test_frames_stop_at_the_time_that_was_asked_for(recorded: Path) -> None:
    path = recorded / "databento" / "orderbooks_mbo_2024-05-08.mbo.dbn.zst"
    whole = np.concatenate([frames.receive_times(f) for f in market(path, None)])
    until = int(whole[-50])
    cut = np.concatenate([frames.receive_times(f) for f in market(path, until)])
    assert cut.tolist() == whole[whole <= until].tolist()


def market(path: Path, until: int | None) -> list[MarketFrame]:
    return [part for part in frames.read(path, until) if isinstance(part, MarketFrame)]


def test_bars_of_a_file_are_those_of_pandas(spot: Path, tmp_path: Path) -> None:
    out = tmp_path / "bars.parquet"
    assert tables.write(out, bars.read(spot, (parse("time:1m"),))) == 6
    made = pl.read_parquet(out)
    found = [e for p in capture_form.pieces(spot) for e in p.found]
    trades = pd.DataFrame([t for t in found if isinstance(t, TradeEvent)])
    trades.index = pd.to_datetime(trades.ts_event)
    price, size = trades.price / 100, trades["size"] / 1e8
    expected = price.resample("1min").ohlc().iloc[: len(made)]
    for name in ("open", "high", "low", "close"):
        assert made[name].cast(pl.Float64).to_list() == pytest.approx(expected[name].to_list())
    volume = size.resample("1min").sum().iloc[: len(made)]
    assert made["volume"].cast(pl.Float64).to_list() == pytest.approx(volume.to_list())
    notional = (price * size).resample("1min").sum().iloc[: len(made)]
    assert made["vwap"].cast(pl.Float64).to_list() == pytest.approx((notional / volume).to_list())
    assert made["ts_open"].dt.epoch("ns").to_list() == expected.index.as_unit("ns").asi8.tolist()


def test_rows_go_to_a_file_whole_or_not_at_all(tmp_path: Path) -> None:
    def broken():
        yield {"a": 1, "b": Decimal("1e-7")}
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        tables.write(tmp_path / "x.csv", broken())
    assert list(tmp_path.iterdir()) == []
    tables.write(tmp_path / "x.csv", [{"a": 1, "b": Decimal("1e-7")}])
    assert (tmp_path / "x.csv").read_text().split() == ["a,b", "1,0.0000001"]
    with pytest.raises(ValueError, match=r"\.csv or \.parquet"):
        tables.write(tmp_path / "x.txt", [])


def test_sampled_books_agree_with_the_quotes_of_their_time(spot: Path) -> None:
    sampled = depth.read(spot, 5)["BINANCE:BTC-USDT"]
    assert depth.COLUMNS / 2 < len(sampled.samples) <= 2 * depth.COLUMNS + 1
    assert len({sample.ts for sample in sampled.samples}) == len(sampled.samples)
    quotes = [e for p in capture_form.pieces(spot) for e in p.found if isinstance(e, QuoteEvent)]
    by_seq = {quote.seq: (quote.bid, quote.ask) for quote in quotes}
    at = books.at(spot, sampled.samples[100].ts)["BINANCE:BTC-USDT"]
    assert sampled.samples[100].bids == at.side(BID, 5)
    assert sampled.samples[100].asks == at.side(ASK, 5)
    assert len(by_seq) > 1000
    assert len(sampled.trades) > 5000


def test_the_heat_map_shows_the_larger_level_darker() -> None:
    column = [Column(float(t), [(9.0, 1.0), (8.0, 100.0)], [(11.0, 1.0)]) for t in range(3)]
    picture = heat_map(column, [(1.0, 11.0, 5.0, "buy")])
    assert "data:image/png;base64," in picture
    assert 'class="mark buy"' in picture
    assert "not enough" in heat_map(column[:1], [])
