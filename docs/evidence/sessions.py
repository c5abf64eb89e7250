"""The sessions that docs/strategies/evidence.md tells of: which data, which configuration, and how
they are played into one ClickHouse."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import market

from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.tree import Settings
from connectors.play import play
from connectors.publish import Publisher
from connectors.selection import EVERYTHING
from console.commands import data_import
from console.context import Context, make_codec
from console.errors import Failure
from console.feeding import feed, frame_span
from schemas.codec import Message
from sinks.clickhouse.writer import ClickHouseWriter
from streams.local_host import LocalHost
from streams.log import LogRecord

HERE = Path(__file__).parent
DATA = HERE.parent.parent.parent / "shared" / "data" / "binance"
Keep = Callable[[LogRecord, Message], None]
_KEPT = ("orders", "execution", "ledger")  # topics that the page tells of


@dataclass(frozen=True, slots=True)
class Session:
    """``files`` of the recorded data, several of them by way of a lake; none: simulated."""

    name: str
    title: str
    files: tuple[str, ...]
    currency: str
    says: str

    @property
    def config(self) -> Path:
        return HERE / f"{self.name}.toml"

    def settings(self) -> Settings:
        return load(self.config, {})

    def alone(self, wanted: Sequence[str]) -> Settings:
        """With these strategies and those whose fills they follow, on the accounts that they and
        those that they ask have."""
        found = self.settings()
        known = found.strategies
        acting = {*wanted, *(other for name in wanted for other in known[name].follows)}
        asked = {other for n in acting for other in known[n].kind.asks(known[n].params)}
        return replace(
            found,
            strategies={n: replace(its, enabled=n in acting) for n, its in known.items()},
            accounts={n: its for n, its in found.accounts.items() if n in acting | asked},
        )

    def kinds(self) -> list[str]:
        """Each by an account of its own name."""
        named = self.settings().strategies.items()
        return [name for name, its in named if its.enabled and its.account == name]


PERPETUAL = Session(
    "perpetual",
    "Binance's perpetual future on bitcoin",
    ("usdm_btcusdt_20240808.gz",),
    "USDT",
    "Book, best quotes and trades of BINANCEUSDM:BTCUSDT as recorded on 8 August 2024 from 23:54 "
    "to midnight UTC; the price fell from 61 800 to 61 650 with two rallies on the way. Fees are "
    "that venue's lowest tier, 2 basis points for a maker and 5 for a taker; an order arrives "
    "10 ms after it was sent. Bars of a second; a position is of 10 000 USDT, a quote of the "
    "market maker of 0.02 bitcoin.",
)
TOGETHER = Session(
    "spot_and_perpetual",
    "Binance's spot market and perpetual future on bitcoin, together",
    ("spot_btcusdt_20240808.gz", "usdm_btcusdt_20240808.gz"),
    "USDT",
    "The same minutes of BINANCEUSDM:BTCUSDT, and BINANCE:BTC-USDT, which was 15 to 30 USDT dearer "
    "all the time and costs 10 basis points a trade.",
)
SIMULATED = Session(
    "simulated",
    "A simulated market",
    (),
    "USD",
    "**Not recorded**: two minutes that `docs/evidence/market.py` makes. No recording here has "
    "three currencies exchanged in a circle, or three instruments in one currency that trade all "
    "the time. SIM:BTC-USD, SIM:ETH-USD and SIM:SOL-USD follow one walk and stray from it, "
    "SIM:ETH-BTC strays from the ratio of the first two; both come back *because they are made "
    "so*. That the legs are right and what they cost can be seen here, nothing else. A taker pays "
    "2 basis points.",
)
SESSIONS = (PERPETUAL, TOGETHER, SIMULATED)


def every_kind() -> list[str]:
    return [kind for session in SESSIONS for kind in session.kinds()]


@contextmanager
def played(folder: Path, kinds: Sequence[str]) -> Iterator[Any]:
    """A ClickHouse client that knows what these did. Raises Failure without the data."""
    there = every_kind()
    if unknown := [kind for kind in kinds if kind not in there]:
        raise Failure(f"no strategy {', '.join(unknown)}; there are {', '.join(there)}")
    if folder.exists():
        raise Failure(f"{folder}: holds a run already; choose another folder")
    asked = [session for session in SESSIONS if set(kinds) & set(session.kinds())]
    sources = [DATA / file for session in asked for file in session.files]
    if missing := [source for source in sources if not source.exists()]:
        raise Failure(f"{missing[0]}: the recorded market data is not beside this checkout")
    writer = ClickHouseWriter(f"embedded:{folder / 'clickhouse'}")
    for number, session in enumerate(asked):
        settings = session.alone([kind for kind in session.kinds() if kind in kinds])
        _play(session, settings, _keeper(writer, number), folder / "lake")
    writer.flush()
    yield writer.client
    writer.close()


def _keeper(writer: ClickHouseWriter, number: int) -> Keep:
    """Sessions stand in one database as partitions of one log."""

    def keep(record: LogRecord, message: Message) -> None:
        if record.topic in _KEPT:
            writer.add(record._replace(partition=number), message)

    return keep


def _play(session: Session, settings: Settings, keep: Keep, lake: Path) -> None:
    made = Context(settings, operator_configs(settings, REPLAY_KEY), make_codec(settings))
    host = LocalHost(made.configs, made.codec, [keep])
    sources = [DATA / file for file in session.files]
    if not sources:
        _simulate(made, host)
    elif len(sources) == 1:
        feed(sources[0], made, host)
    else:
        data_import.run(settings, sources, lake, EVERYTHING)
        feed(lake, made, host)


def _simulate(made: Context, host: LocalHost) -> None:
    connectors, accounts = made.settings.connectors, tuple(made.settings.accounts)
    span = frame_span(made.settings)
    publisher = Publisher(host, made.codec, "sim", "made", connectors.frame_events, span)
    play(market.pieces(), publisher, accounts, connectors.clock, publisher.due)
