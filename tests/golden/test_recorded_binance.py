"""The recorded Binance sessions through the whole topology: what must hold, and hashes that must
not change without a reason (`tickstream replay FILE --json` prints them)."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.binance import capture_form
from connectors.play import play
from connectors.publish import Publisher
from console.tally import Tally
from schemas.codec import Codec, Message
from schemas.frames import MarketFrame, TapeFrame
from streams.local_host import LocalHost
from streams.log import LogRecord
from streams.topology import OperatorConfigs

SESSIONS = {
    "spot_btcusdt_20240808.gz": (28_040, 3_452, 9_757),
    "usdm_btcusdt_20240808.gz": (66_089, 6_552, 21_313),
    "cm_btcusd_perp_20240808.gz": (19_136, 26_848, 2_286),
}
# Topics of integers: the same on every machine. Features are floats: their last bit may differ
# between processor families, and with it what the model decides.
HASHES = {
    "spot_btcusdt_20240808.gz": "efc8b250253d7230ebc55f3b29d7187235282c12f6d6e1d91efad2b03108fde3",
    "usdm_btcusdt_20240808.gz": "a27b09f29512b1d9f5aeae6c4ceb7e61d448f66d78c5bcf2475aa9a916414acc",
    "cm_btcusd_perp_20240808.gz": (
        "8581cd83e4494b162156d9243133f7406e19f366998db9898dc8538c65663304"
    ),
}


class Session:
    """A recorded session, folded."""

    def __init__(
        self, path: Path, configs: OperatorConfigs, codec: Codec, frame_events: int
    ) -> None:
        self.tally = Tally()
        self.messages: list[Message] = []
        host = LocalHost(configs, codec, [self.tally, self._keep])
        publisher = Publisher(host, codec, "golden", path.name, frame_events, 10**9)
        play(capture_form.pieces(path), publisher, ("paper",), 10**9)

    def _keep(self, record: LogRecord, message: Message) -> None:
        self.messages.append(message)

    def market(self) -> list[MarketFrame]:
        return [m for m in self.messages if isinstance(m, MarketFrame)]

    def tape(self) -> list[TapeFrame]:
        return [m for m in self.messages if isinstance(m, TapeFrame)]


@pytest.fixture(scope="module", params=SESSIONS)
def session(
    request: pytest.FixtureRequest, recorded: Path, configs: OperatorConfigs, codec: Codec
) -> tuple[str, Session]:
    path = recorded / "binance" / request.param
    return request.param, Session(path, configs, codec, 1000)


def test_every_message_becomes_an_event(session: tuple[str, Session]) -> None:
    name, run = session
    counts = (
        sum(len(f.quotes.bid) for f in run.market()),
        sum(len(f.depth.seq) for f in run.market()),
        sum(len(f.trades.price) for f in run.market()),
    )
    assert counts == SESSIONS[name]


def test_there_is_no_gap_and_no_dead_letter(session: tuple[str, Session]) -> None:
    _, run = session
    assert (run.tally.gaps, run.tally.records["dead-letters"]) == (0, 0)


def test_the_rebuilt_book_agrees_with_the_venues_best_quotes(session: tuple[str, Session]) -> None:
    _, run = session
    quotes = {}
    for frame in run.market():
        rows = zip(*(column.tolist() for column in frame.quotes), strict=True)
        quotes.update({seq: tuple(top) for _, _, seq, *top in rows})
    agreed = 0
    for tape in run.tape():
        n, books = tape.levels, tape.books
        tops = zip(
            books.seq.tolist(),
            books.bid_price[::n].tolist(),
            books.bid_size[::n].tolist(),
            books.ask_price[::n].tolist(),
            books.ask_size[::n].tolist(),
            strict=True,
        )
        for seq, *top in tops:
            if seq in quotes:
                assert quotes[seq] == tuple(top)
                agreed += 1
    assert agreed > 500


def test_the_volume_of_the_bars_is_the_volume_of_the_trades(session: tuple[str, Session]) -> None:
    _, run = session
    trades = [f.trades for f in run.market()]
    last_ts = max(int(t.ts_event.max()) for t in trades if len(t.ts_event))
    bars: Counter[str] = Counter()
    ends = {}
    for tape in run.tape():
        for spec, close, volume in zip(
            tape.bars.spec.tolist(),
            tape.bars.ts_close.tolist(),
            tape.bars.volume.tolist(),
            strict=True,
        ):
            bars[tape.specs[spec]] += volume
            ends[tape.specs[spec]] = close
    assert last_ts > 0
    for spec, end in ends.items():
        closed = sum(int(t.size[t.ts_event < end].sum()) for t in trades)
        assert bars[spec] == closed


def test_framing_changes_nothing_but_causes(
    session: tuple[str, Session], recorded: Path, configs: OperatorConfigs, codec: Codec
) -> None:
    name, run = session
    other = Session(recorded / "binance" / name, configs, codec, 97)
    assert flat(other) == flat(run)


def test_the_hashes_are_those_of_every_earlier_run(session: tuple[str, Session]) -> None:
    name, run = session
    topics = run.tally.facts(1.0)["topics"]
    assert topics["tape"]["sha256"] == HASHES[name]


def flat(run: Session) -> dict[str, list[object]]:
    """Every row of every topic, whatever frame it came in."""
    rows: dict[str, list[object]] = {}
    for message in run.messages:
        match message:
            case MarketFrame():
                continue
            case TapeFrame():
                books = message.books
                levels = books.bid_price.reshape(-1, message.levels).tolist()
                tops = zip(books.ts_event.tolist(), books.seq.tolist(), levels, strict=True)
                rows.setdefault("books", []).extend(tops)
                bars = zip(*(column.tolist() for column in message.bars), strict=True)
                rows.setdefault("bars", []).extend(bars)
            case _:
                key = type(message).__name__
                text = str(getattr(message, "vectors", message))
                if key != "FeatureFrame":
                    rows.setdefault(key, []).append(text)
                else:
                    values = message.vectors.values.tobytes()  # type: ignore[union-attr]
                    rows.setdefault(key, []).append(values)
    rows["FeatureFrame"] = [b"".join(rows.get("FeatureFrame", []))]  # type: ignore[arg-type]
    return rows
