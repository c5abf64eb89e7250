"""Binance's three markets as venues."""

from functools import partial

from connectors.binance.codec import BinanceCodec
from connectors.binance.markets import COINM, SPOT, USDM, Market, listings
from connectors.venue import Limits, Place, Reads, Venue

_STREAMS = 3  # trades, best quotes, depth; a line takes 1024 streams


def _venue(
    market: Market, title: str, example: str, messages: float, page: str, *notes: str
) -> Venue:
    return Venue(
        market.venue,
        title,
        Place(market.socket, market.rest),
        partial(BinanceCodec, market),
        (Reads(market.info_path, partial(listings, market)),),
        Limits(1024 // _STREAMS, (messages, 1.0), (market.weight_limit / 2, 60.0), (300, 300.0)),
        example=example,
        hosts=(market.socket.partition("://")[2].partition(":")[0],),
        channels=("trade", "bookTicker", market.depth_stream),
        recovery="a gap in the update ids: a REST snapshot of the book",
        keys="none",
        documentation=f"https://developers.binance.com/docs/{page}",
        licence="Binance's terms of use; data for one's own trading, no redistribution",
        notes=(
            "The venue ends every line after 24 hours; the feed opens a new one.",
            "Half of the request weight a minute is used, the rest is left to others at the same "
            "address.",
            *notes,
        ),
    )


BINANCE = _venue(
    SPOT, "Binance spot", "BTC-USDT,ETH-USDT", 5, "binance-spot-api-docs/web-socket-streams"
)
BINANCEUSDM = _venue(
    USDM, "Binance USD-M futures", "BTCUSDT", 10, "derivatives/usds-margined-futures"
)
BINANCECOINM = _venue(
    COINM,
    "Binance COIN-M futures",
    "BTCUSD_PERP",
    10,
    "derivatives/coin-margined-futures",
    "The contracts are inverse; the risk gate counts their size in contracts and their notional as "
    "size × price, so do not trade them with this version's limits.",
)
ALL = (BINANCE, BINANCEUSDM, BINANCECOINM)


def venue_of(market: Market) -> Venue:
    return next(venue for venue in ALL if venue.name == market.venue)
