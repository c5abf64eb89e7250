"""Instruments: one rule of names, and the file that keeps what a venue lists."""

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import names, reference
from connectors.binance.markets import COINM, SPOT, listings, name_of, symbol_of
from connectors.bitfinex.instruments import unlisted
from connectors.coinbase.instruments import advanced_listings
from connectors.kraken.instruments import listings as kraken
from connectors.kraken.instruments import listings_v2
from connectors.okx.instruments import listings as okx
from connectors.reference import Lists, NoReference, Reference, listing
from connectors.tardis.names import instrument_name
from tests.venues.kraken_v2_server import KrakenV2Server
from tests.venues.server import Troubles

BTC = listing("TOY", "btcusd", "XBT", "usd", "0.010", "1e-8")
PERPETUAL = listing("TOY", "btc_perp", "BTC", "USD", "5", "1", "HALTED", reference.PERPETUAL, "btc")
KNOWN = Reference("TOY", 7, (BTC, PERPETUAL))


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("XBT/USD", "V:BTC-USD"),
        ("BTC-USDT", "V:BTC-USDT"),
        ("btcusd", "V:BTC-USD"),
        ("GRTUSD", "V:GRT-USD"),
        ("LINKETH", "V:LINK-ETH"),
        ("DAIUSDT", "V:DAI-USDT"),
        ("BTC-USDT-SWAP", "V:BTC-USDT-SWAP"),
        ("AAPL", "V:AAPL"),
    ],
)
def test_a_symbol_without_reference_data_gets_its_name_by_rule(symbol: str, name: str) -> None:
    assert names.of_symbol("V", symbol) == name


def test_venues_with_habits_of_their_own_come_to_the_same_names() -> None:
    assert name_of("BINANCE", "BTCTUSD") == "BINANCE:BTC-TUSD"
    assert name_of("BINANCEUSDM", "BTCUSDT") == "BINANCEUSDM:BTCUSDT"
    assert unlisted("tBTCUST").name == "BITFINEX:BTC-USDT"
    assert unlisted("tBFTUSD").name == "BITFINEX:BFT-USD"
    assert unlisted("tBTCF0:USTF0").name == "BITFINEX:BTCF0:USTF0"


@pytest.mark.parametrize(
    ("exchange", "symbol", "name"),
    [
        ("binance", "BTCUSDT", "BINANCE:BTC-USDT"),
        ("binance-futures", "BTCUSDT", "BINANCEUSDM:BTCUSDT"),
        ("kraken", "XBT/USD", "KRAKEN:BTC-USD"),
        ("bitfinex", "BTCUST", "BITFINEX:BTC-USDT"),
        ("okex-swap", "BTC-USDT-SWAP", "OKX:BTC-USDT-SWAP"),
        ("deribit", "BTC-PERPETUAL", "DERIBIT:BTC-PERPETUAL"),
    ],
)
def test_recordings_of_a_vendor_have_the_names_of_the_live_feeds(
    exchange: str, symbol: str, name: str
) -> None:
    assert instrument_name(exchange, symbol) == name


@given(st.sampled_from(["BTC", "ETH", "1INCH"]), st.sampled_from(["USDT", "BTC", "EUR", "TUSD"]))
def test_a_spot_symbol_of_binance_and_its_name_are_one(base: str, quote: str) -> None:
    assert symbol_of(name_of("BINANCE", base + quote)) == base + quote


def test_a_listing_is_named_and_scaled_by_its_steps() -> None:
    assert BTC.name == "TOY:BTC-USD"
    assert BTC.instrument == ("TOY:BTC-USD", 2, 8)
    assert (PERPETUAL.name, PERPETUAL.currency, PERPETUAL.status) == (
        *("TOY:BTC_PERP", "BTC", "HALTED"),
    )
    assert PERPETUAL.instrument[1:] == (0, 0)


def test_an_instrument_is_found_by_name_short_name_or_symbol() -> None:
    for asked in ("BTC-USD", "toy:btc-usd", "BTCUSD"):
        assert KNOWN.find(asked) is BTC
    assert KNOWN.find("NOPE") is None
    assert KNOWN.matching("btc*") == [BTC, PERPETUAL]
    assert KNOWN.matching("TOY:*_PERP") == [PERPETUAL]


def test_a_reference_survives_its_file_and_damage_is_as_if_it_were_not_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "deep" / "toy.json"
    reference.write(KNOWN, path)
    assert reference.read(path) == KNOWN
    path.write_text(path.read_text()[:-20])
    assert reference.read(path) is None


def test_the_file_is_taken_while_it_is_young_and_when_the_venue_is_away(
    recorded: Path, tmp_path: Path
) -> None:
    async def follow() -> None:
        server, path = KrakenV2Server(recorded, Troubles(throttled=(2,))), tmp_path / "k.json"
        async with server.serving() as place:
            url = f"{place.rest}/0/public/AssetPairs"
            urls = Lists({url: listings_v2}, (10, 1.0))
            first = await reference.load("KRAKEN", urls, path, 100, 50)
            assert first.find("BTC-CHF")
            assert await reference.load("KRAKEN", urls, path, 149, 50) == first
            assert len(server.requests) == 1
            assert await reference.load("KRAKEN", urls, path, 150, 50) == first  # throttled
            fresh = await reference.load("KRAKEN", urls, path, 151, 50)
            assert (fresh.loaded_ns, len(server.requests)) == (151, 3)
            with pytest.raises(NoReference, match="something else than instruments"):
                await reference.load("OKX", Lists({url: okx}, (10, 1.0)), tmp_path / "o.json", 0, 0)
        with pytest.raises(NoReference, match="does not answer"):
            await reference.load("KRAKEN", urls, tmp_path / "none.json", 0, 0)

    asyncio.run(follow())


def test_documented_answers_become_listings(recorded: Path) -> None:
    body = (recorded / "kraken" / "messages" / "http_asset_pairs.json").read_bytes()
    (one, *_), (two, *_) = kraken(body), listings_v2(body)
    assert (one.symbol, two.symbol, one.name, two.name) == (
        *("XBT/USDT", "BTC/USDT"),
        *("KRAKEN:BTC-USDT", "KRAKEN:BTC-USDT"),
    )
    assert one.instrument[1:] == (1, 8)
    folder = recorded / "coinbase" / "messages"
    spots = advanced_listings((folder / "http_products.json").read_bytes())
    assert spots[0].name == "COINBASE:BTC-USD"
    (future, *_) = advanced_listings((folder / "http_products_future.json").read_bytes())
    assert (future.name, future.kind, future.multiplier, future.tick) == (
        *("COINBASE:BIP-20DEC30-CDE", "future", Decimal("0.01"), Decimal(5)),
    )


def test_contracts_say_what_one_is_worth() -> None:
    entry = {
        "symbol": "BTCUSD_PERP",
        "contractStatus": "TRADING",
        "contractType": "PERPETUAL",
        "contractSize": 100,
        "baseAsset": "BTC",
        "quoteAsset": "USD",
        "marginAsset": "BTC",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": "0.1"},
            {"filterType": "LOT_SIZE", "stepSize": "1"},
        ],
    }
    (perpetual,) = listings(COINM, json.dumps({"symbols": [entry]}).encode())
    assert (perpetual.name, perpetual.multiplier, perpetual.currency) == (
        *("BINANCECOINM:BTCUSD_PERP", Decimal(100), "BTC"),
    )
    broken = {**entry, "symbol": "ETHBTC", "status": "BREAK", "contractStatus": ""}
    (halted,) = listings(SPOT, json.dumps({"symbols": [broken]}).encode())
    assert (halted.status, halted.kind) == ("HALTED", "spot")


def test_a_venues_error_is_told_as_such() -> None:
    with pytest.raises(ValueError, match="OKX answers 50011: Too Many Requests"):
        okx(b'{"code":"50011","msg":"Too Many Requests","data":[]}')
    with pytest.raises(ValueError, match="Kraken answers"):
        kraken(b'{"error":["EGeneral:Too many requests"]}')
