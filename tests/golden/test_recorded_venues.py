"""What must hold of the recordings of other venues, folded by the builder."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from connectors import forms
from connectors.events import Rejected, TradeEvent
from connectors.play import play
from connectors.publish import Publisher
from console.tally import Tally
from schemas.codec import Codec, Message
from schemas.frames import ADD, CANCEL, FILL, MODIFY, MarketFrame, TapeFrame
from schemas.records import Status
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.operators.market import book as bk
from streams.operators.market import order_book as ob
from streams.operators.market.follow import Book, follow, market_of
from streams.operators.market.queries import levels
from streams.topology import OperatorConfigs
from tests.twins.test_order_book_twin import NaiveOrderBook


class Folded:
    """A recording through the whole topology."""

    def __init__(self, path: Path, configs: OperatorConfigs, codec: Codec) -> None:
        self.tally, self.messages = Tally(), list[tuple[str, Message]]()
        host = LocalHost(configs, codec, [self.tally, self._keep])
        name, pieces = forms.recognise(path)
        self.form = name
        play(pieces, Publisher(host, codec, "golden", path.name, 1000, 10**9), (), 10**9)

    def _keep(self, record: LogRecord, message: Message) -> None:
        self.messages.append((record.topic, message))

    def market(self) -> list[MarketFrame]:
        return [m for _, m in self.messages if isinstance(m, MarketFrame)]

    def tape(self) -> list[TapeFrame]:
        return [m for _, m in self.messages if isinstance(m, TapeFrame)]

    def troubles(self) -> list[str]:
        return [str(m.kind) for t, m in self.messages if isinstance(m, Status) and t == "tape"]


@pytest.mark.parametrize(
    ("file", "form", "checksums"),
    [
        (
            "kraken/kraken_book1000_2021-04-17.txt.gz",
            "annotated capture of Kraken WebSocket v1",
            1665,
        ),
        ("okx/OKX.ws.1.0.gz", "annotated capture of OKX v5", 290),
    ],
)
def test_every_checksum_of_the_venue_holds(
    recorded: Path, configs: OperatorConfigs, codec: Codec, file: str, form: str, checksums: int
) -> None:
    run = Folded(recorded / file, configs, codec)
    facts = run.tally.facts(1.0)
    assert run.form == form
    assert facts["checksums"] == {"verified": checksums, "failed": 0}
    assert facts["dead_letters"] == facts["gaps"] == 0


@pytest.mark.parametrize(
    ("path", "form", "events"),
    [
        ("coinbase/COINBASE.ws.28.0.gz", "annotated capture of Coinbase Exchange", 9826),
        ("bitstamp", "annotated capture of Bitstamp", 737),
        ("bitfinex/BITFINEX.ws.11.0.gz", "annotated capture of Bitfinex", 1621),
        ("gemini/GEMINI.ws.1.0.gz", "annotated capture of Gemini", 671),
        ("kraken/KRAKEN.ws.48.0.gz", "annotated capture of Kraken WebSocket v1", 10),
        ("betfair/1-166564490.bz2", "Betfair stream file", None),
        ("tardis/bitmex_trades_XBTUSD.csv", "Tardis CSV of trades", 10),
        ("tardis/huobi-dm-swap_quotes_BTC-USD.csv", "Tardis CSV of quotes", 10),
        ("databento/futures_mbp-1_2024-07-01.dbn.zst", "Databento DBN file", 2288),
    ],
)
def test_a_recording_is_recognised_and_folds_without_gap_or_dead_letter(
    recorded: Path,
    configs: OperatorConfigs,
    codec: Codec,
    path: str,
    form: str,
    events: int | None,
) -> None:
    run = Folded(recorded / path, configs, codec)
    facts = run.tally.facts(1.0)
    assert run.form == form
    assert events is None or facts["events"] == events
    assert facts["dead_letters"] == facts["gaps"] == 0


@pytest.mark.parametrize("path", ["coinbase/COINBASE.ws.28.0.gz", "bitstamp", "gemini", "bitfinex"])
def test_the_rebuilt_books_never_cross(
    recorded: Path, configs: OperatorConfigs, codec: Codec, path: str
) -> None:
    rows = 0
    for tape in Folded(recorded / path, configs, codec).tape():
        books, n = tape.books, tape.levels
        both = (books.bid_size[::n] > 0) & (books.ask_size[::n] > 0)
        assert (books.bid_price[::n][both] < books.ask_price[::n][both]).all()
        rows += len(both)
    assert rows > 150


def test_coinbase_trades_come_in_the_order_of_their_ids_and_bars_hold_their_volume(
    recorded: Path, configs: OperatorConfigs, codec: Codec
) -> None:
    path = recorded / "coinbase" / "COINBASE.ws.28.0.gz"
    trades: dict[str, list[TradeEvent]] = {}
    for piece in forms.recognise(path)[1]:
        for event in piece.found:
            assert not isinstance(event, Rejected)
            if isinstance(event, TradeEvent):
                trades.setdefault(event.instrument.name, []).append(event)
    assert sum(map(len, trades.values())) == 97
    for rows in trades.values():
        ids = [trade.trade_id for trade in rows]
        assert ids == list(range(ids[0], ids[0] + len(ids)))
        assert all(a.ts_event <= b.ts_event for a, b in itertools.pairwise(rows))


@pytest.mark.parametrize(
    ("file", "orders"),
    [
        ("esh4-glbx-mdp3-20231224.mbo.dbn.zst", 8725),
        ("orderbooks_mbo_2024-05-08.mbo.dbn.zst", 13791),
    ],
)
def test_where_the_file_begins_with_the_book_no_message_names_an_unknown_order(
    recorded: Path, configs: OperatorConfigs, codec: Codec, file: str, orders: int
) -> None:
    run = Folded(recorded / "databento" / file, configs, codec)
    book, naive, seen = Book(), NaiveOrderBook(), 0
    for frame in run.market():
        view = market_of(frame)
        book.make_room(view)
        cursor = np.zeros(8, np.int64)
        assert follow(view, cursor, book.state, book.orders.state) == -1
        rows = frame.orders
        seen += len(rows.action)
        for row in zip(*(c.tolist() for c in rows[3:]), strict=True):
            if row[0] in (CANCEL, MODIFY, FILL):
                assert row[2] in naive.where, "an order that is not in the book"
            naive.apply(row)
    assert seen == orders
    assert "UNKNOWN_ORDER" not in run.troubles()
    assert int(book.orders.state.counts[ob.UNKNOWN]) == 0
    assert list(map(tuple, book.orders.live(book.state).tolist())) == naive.live()
    for which, side in ((bk.BID, 1), (bk.ASK, -1)):
        assert dict(levels(book.state, which)) == naive.levels(side)


def test_the_first_order_that_is_not_there_is_told_once(
    configs: OperatorConfigs, codec: Codec
) -> None:
    from connectors.batch import Batch
    from connectors.events import Instrument, OrderEvent
    from streams.operators.market.builder import Builder

    instrument = Instrument("X:Y", 2, 0)
    batch = Batch(instrument)
    for n, (action, order_id) in enumerate([(ADD, 1), (CANCEL, 7), (CANCEL, 8), (CANCEL, 1)]):
        batch.add(OrderEvent(instrument, n, n, n, action, 1, order_id, 100, 5))
    outputs = Builder(configs.builder).apply(batch.frame())
    statuses = [o.message for o in outputs if isinstance(o.message, Status)]
    assert [(s.kind, s.ts_event) for s in statuses] == [("UNKNOWN_ORDER", 1)]
    assert "order 7" in statuses[0].detail


def test_where_there_are_only_best_quotes_they_are_the_book(
    recorded: Path, configs: OperatorConfigs, codec: Codec
) -> None:
    run = Folded(recorded / "databento" / "futures_mbp-1_2024-07-01.dbn.zst", configs, codec)
    quotes = [row for f in run.market() for row in zip(*f.quotes[3:], strict=True)]
    changes = [q for q, before in zip(quotes, [None, *quotes], strict=False) if q != before]
    tops = [
        row
        for tape in run.tape()
        for row in zip(
            *(
                getattr(tape.books, name)[:: tape.levels]
                for name in ("bid_price", "bid_size", "ask_price", "ask_size")
            ),
            strict=True,
        )
    ]
    assert tops == changes
    assert len(tops) > 1000
