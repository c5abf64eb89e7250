"""Downloads: paging, budgets, what passes by, what does not, and a kill in the middle."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from connectors.alpaca.history import AlpacaHistory
from connectors.download import Downloader, DownloadError
from connectors.history import Wanted
from connectors.massive.history import MassiveHistory
from connectors.trading.credentials import Credentials, KeysError
from console.commands import data_download
from console.errors import Failure
from schemas.lake import files, layout
from schemas.lake.layout import Place, day_of
from tests.lake.vendors_server import HOUR, KEY, SECRET, Vendors, serving

KEYS = Credentials(KEY, SECRET)
TUESDAY = date(2024, 1, 2)
MIDNIGHT = day_of(TUESDAY) * 24 * HOUR


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Vendors]:
    for vendor in ("ALPACA", "MASSIVE"):
        monkeypatch.setenv(f"TICKSTREAM_{vendor}_KEY", KEY)
        monkeypatch.setenv(f"TICKSTREAM_{vendor}_SECRET", SECRET)
    with serving() as vendors:
        vendors.trades = [
            (MIDNIGHT + day * 24 * HOUR + 15 * HOUR + n, 10 * day + n, 185.01 + n, 100 + n)
            for day in range(4)
            for n in range(10)
        ]
        yield vendors


def config(server: Vendors, folder: Path, budget: int = 60_000) -> Path:
    path = folder / "vendors.toml"
    names = ("alpaca", "massive", "binance", "binanceusdm")
    path.write_text(
        "\n".join(
            f'[archive.vendors.{name}]\nurl = "{server.url}"\nrequests_a_minute = {budget}'
            for name in names
        )
    )
    return path


def download(
    server: Vendors, folder: Path, vendor: str, symbol: str, **more: Any
) -> dict[str, Any]:
    asked = {"kind": "trades", "bar": "1m", "span": (TUESDAY, date(2024, 1, 4))} | more
    settings = load(config(server, folder), environment={})
    return data_download.run(settings, vendor, [symbol], lake=folder / "lake", **asked)


def rows(lake: Path, kind: str) -> dict[str, list[Any]]:
    """Every column of a kind, day after day."""
    found: dict[str, list[Any]] = {}
    for place in layout.places(lake):
        if place.kind == kind:
            held, _ = files.read(lake, place)
            for name, column in held.columns.items():
                found.setdefault(name, []).extend(column.tolist())
            found.setdefault("scales", []).append((held.price_scale, held.size_scale))
    return found


@pytest.mark.parametrize("vendor", ["alpaca", "massive"])
def test_every_page_of_every_day_is_in_the_lake_once(
    vendor: str, server: Vendors, tmp_path: Path
) -> None:
    facts = download(server, tmp_path, vendor, "AAPL")
    found = rows(tmp_path / "lake", "trades")
    assert found["trade_id"] == list(range(30))
    assert found["price"][:3] == [18501, 18601, 18701]
    assert found["scales"] == [(2, 0)] * 3
    assert found["ts_event"] == [trade[0] for trade in server.trades[:30]]
    assert (facts["days"], facts["rows"], facts["requests"]) == (3, 30, 9)
    assert "passing" in facts["licence"]
    manifests = [
        files.read_manifest(tmp_path / "lake", p) for p in layout.places(tmp_path / "lake")
    ]
    assert {manifest.licence for manifest in manifests} == {facts["licence"]}


@pytest.mark.parametrize("vendor", ["alpaca", "massive"])
def test_quotes_and_bars_too(vendor: str, server: Vendors, tmp_path: Path) -> None:
    for kind in ("quotes", "bars"):
        assert download(server, tmp_path, vendor, "AAPL", kind=kind)["rows"] == 30
    quotes, bars = (rows(tmp_path / "lake", kind) for kind in ("quotes", "bars"))
    assert quotes["bid"][0] == 18501
    assert (bars["spec"][0], bars["open"][1]) == ("time:1m", 18601)
    notional = (bars["notional_hi"][0] << 64) + bars["notional_lo"][0]
    assert Decimal(notional).scaleb(-2) == Decimal("18501.00")


def test_what_is_there_is_not_asked_for_again(server: Vendors, tmp_path: Path) -> None:
    download(server, tmp_path, "alpaca", "AAPL", span=(TUESDAY, date(2024, 1, 3)))
    asked = len(server.asked)
    facts = download(server, tmp_path, "alpaca", "AAPL")
    assert (facts["there"], facts["days"]) == (2, 1)
    assert len(server.asked) - asked == 3


def test_holidays_and_weekends_are_not_asked_for(server: Vendors, tmp_path: Path) -> None:
    # New Year is a Monday; Saturday has the late hours of Friday, in UTC
    span = (date(2023, 12, 30), date(2024, 1, 2))
    facts = download(server, tmp_path, "alpaca", "AAPL", span=span)
    starts = {line.split("start=")[1][:10] for line in server.asked}
    assert starts == {"2023-12-30", "2024-01-02"}
    assert (facts["empty"], facts["days"]) == (1, 1)


def test_what_passes_by_is_asked_again(
    server: Vendors,
) -> None:
    waits: list[float] = []
    server.misbehave = [429, 503, "cut", "garbage"]
    with Downloader(AlpacaHistory(KEYS, url=server.url), sleep=waits.append) as downloader:
        pages = list(downloader.pages(Wanted("AAPL", "trades", day_of(TUESDAY))))
    assert sum(len(page.columns["price"]) for page in pages) == 10
    assert downloader.requests == 3 + 4
    assert max(waits) >= 1.0  # as Retry-After said


def test_requests_are_spread_over_the_minute(server: Vendors) -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    pager = MassiveHistory(KEYS, server.url)
    with Downloader(pager, clock=lambda: clock[0], sleep=sleep) as downloader:
        for day in range(2):
            list(downloader.pages(Wanted("AAPL", "trades", day_of(TUESDAY) + day)))
    assert downloader.requests == 6
    assert clock[0] == pytest.approx(5 * 12.0)


def test_a_refusal_is_said_once_and_not_asked_again(
    server: Vendors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKSTREAM_ALPACA_KEY", "another")
    with pytest.raises(DownloadError, match=r"alpaca: AAPL trades: 403 .*forbidden"):
        download(server, tmp_path, "alpaca", "AAPL")
    assert len(server.asked) == 1


def test_a_page_on_another_host_gets_no_key(server: Vendors) -> None:
    pager = MassiveHistory(KEYS, "http://127.0.0.1:9")
    body = json.dumps({"results": [], "next_url": f"{server.url}/v3/trades/AAPL"}).encode()
    wanted = Wanted("AAPL", "trades", 0)
    with pytest.raises(ValueError, match="another host"):
        pager.read(wanted, pager.first(wanted), body)


def test_a_killed_download_goes_on_without_loss_or_doubles(server: Vendors, tmp_path: Path) -> None:
    server.misbehave = [*[None] * 4, "hang"]  # in the middle of the second day
    command = ["data", "download", "alpaca", "AAPL", "--from", "2024-01-02", "--to", "2024-01-04"]
    command += [
        "--lake",
        str(tmp_path / "lake"),
        "--config",
        str(config(server, tmp_path)),
        "--json",
    ]
    killed = subprocess.Popen([sys.executable, "-m", "console.main", *command])
    deadline = time.monotonic() + 90
    while len(server.asked) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    assert rows(tmp_path / "lake", "trades")["trade_id"] == list(range(10))
    done = subprocess.run(
        [sys.executable, "-m", "console.main", *command], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["there"], facts["days"]) == (1, 2)
    assert "licence:" in done.stderr
    assert rows(tmp_path / "lake", "trades")["trade_id"] == list(range(30))


def test_binances_zips_are_checked_and_read(server: Vendors, tmp_path: Path) -> None:
    spot = "/data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-{}.zip"
    server.zip(
        spot.format("2024-01-02"),
        "7,42000.01000000,0.00100000,42.0,1704153600000,True,True\n"
        "8,42000.10000000,0.50000000,21.0,1704153600001,False,True\n",
    )
    server.zip(spot.format("2024-01-03"), "9,42000.5,1,42000.5,1704240000000123,False,True\n")
    assert download(server, tmp_path, "binance", "BTCUSDT")["empty"] == 1  # no file of the 4th
    found = rows(tmp_path / "lake", "trades")
    assert found["price"] == [4200001, 4200010, 420005]
    assert found["size"] == [1, 500, 1]
    assert found["scales"] == [(2, 3), (1, 0)]
    assert found["side"] == [-1, 1, 1]
    assert found["ts_event"] == [MIDNIGHT, MIDNIGHT + 10**6, MIDNIGHT + 24 * HOUR + 123_000]


def test_futures_files_have_headers_and_klines_become_bars(server: Vendors, tmp_path: Path) -> None:
    folder = "/data/futures/um/daily"
    server.zip(
        f"{folder}/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-01-02.zip",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
        "5,42000.1,0.010,50,52,1704153600000,true\n",
    )
    server.zip(
        f"{folder}/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-02.zip",
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
        "taker_buy_quote_volume,ignore\n"
        "1704153600000,42000.1,42001,41999.5,42000,2.5,1704153659999,105000.25,7,1.5,63000.1,0\n",
    )
    day = (TUESDAY, TUESDAY)
    for kind in ("agg_trades", "bars"):
        download(server, tmp_path, "binanceusdm", "BTCUSDT", kind=kind, span=day)
    assert rows(tmp_path / "lake", "agg_trades")["side"] == [-1]
    bars = rows(tmp_path / "lake", "bars")
    assert (bars["open"], bars["high"], bars["volume"]) == ([420001], [420010], [25])
    assert (bars["buy_volume"], bars["sell_volume"], bars["trades"]) == ([15], [10], [7])
    assert bars["ts_close"] == [MIDNIGHT + 60 * 10**9]
    assert bars["notional_lo"] == [10500025]


def test_a_zip_that_is_not_that_of_its_checksum_is_asked_again_and_then_refused(
    server: Vendors,
) -> None:
    from connectors.binance.history import BinanceHistory
    from connectors.binance.markets import SPOT

    path = "/data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2024-01-02.zip"
    server.zip(path, "7,42000,1,42000,1704153600000,True,True\n")
    server.archives[path] = server.archives[path][:-1] + b"x"
    pager = BinanceHistory(SPOT, server.url)
    with (
        Downloader(pager, sleep=lambda _: None) as downloader,
        pytest.raises(DownloadError, match="not that of its CHECKSUM"),
    ):
        list(downloader.pages(Wanted("BTCUSDT", "trades", day_of(TUESDAY))))
    assert len(server.asked) == 1 + 8


def test_what_cannot_be_asked_for_is_said(
    server: Vendors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Failure, match="'bloomberg' is no vendor of history: choose one of alpaca"):
        download(server, tmp_path, "bloomberg", "AAPL")
    with pytest.raises(Failure, match="alpaca has no depth: choose one of trades, quotes, bars"):
        download(server, tmp_path, "alpaca", "AAPL", kind="depth")
    with pytest.raises(Failure, match="massive has no bars of 5m"):
        download(server, tmp_path, "massive", "AAPL", kind="bars", bar="5m")
    with pytest.raises(Failure, match="no day that is over"):
        download(server, tmp_path, "alpaca", "AAPL", span=(date(2200, 1, 1), date(2200, 1, 2)))
    monkeypatch.delenv("TICKSTREAM_ALPACA_KEY")
    with pytest.raises(KeysError, match="TICKSTREAM_ALPACA_KEY"):
        download(server, tmp_path, "alpaca", "AAPL")
    assert not server.asked


def test_days_without_trades_are_played_from_aggregated_ones(
    server: Vendors, tmp_path: Path
) -> None:
    from tests.lake.history import flat

    folder = "/data/spot/daily"
    for day, ms in (("02", 1704153600000), ("03", 1704240000000)):
        server.zip(
            f"{folder}/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-01-{day}.zip",
            f"5,42000.1,3,50,52,{ms},true,true\n",
        )
    name = f"{folder}/trades/BTCUSDT/BTCUSDT-trades-2024-01-02.zip"
    server.zip(name, "".join(f"{n},42000.1,1,1,1704153600000,true,true\n" for n in (50, 51, 52)))
    for kind in ("trades", "agg_trades"):
        download(server, tmp_path, "binance", "BTCUSDT", kind=kind)
    (events,) = flat(tmp_path / "lake").values()
    assert [row[2] for _, _, row in events] == [50, 51, 52, 5]
    assert Place("agg_trades", "BINANCE:BTCUSDT", day_of(TUESDAY)).path(tmp_path / "lake").exists()


def test_alpacas_crypto_has_its_own_address_and_tells_sides() -> None:
    pager = AlpacaHistory(KEYS, "sip")
    wanted = Wanted("BTC/USD", "trades", day_of(TUESDAY))
    request = pager.first(wanted)
    assert request.url == "https://data.alpaca.markets/v1beta3/crypto/us/trades"
    assert request.query["symbols"] == "BTC/USD"
    assert (request.query["start"], request.query["end"]) == (
        "2024-01-02T00:00:00.000000000Z",
        "2024-01-02T23:59:59.999999999Z",
    )
    row = {"t": "2024-01-02T01:02:03.000000004Z", "p": 45000.125, "s": 0.000001, "i": 7, "tks": "S"}
    body = json.dumps({"trades": {"BTC/USD": [row]}, "next_page_token": "more"}).encode()
    page = pager.read(wanted, request, body)
    assert {name: column.tolist() for name, column in page.columns.items()} == {
        "ts_event": [MIDNIGHT + 3723 * 10**9 + 4],
        "ts_recv": [MIDNIGHT + 3723 * 10**9 + 4],
        "trade_id": [7],
        "price": [45000125],
        "size": [1],
        "side": [-1],
    }
    assert (page.price_scale, page.size_scale) == (3, 6)
    assert page.next is not None
    assert page.next.query["page_token"] == "more"


def test_a_trade_that_was_cancelled_later_is_left_out_and_stocks_name_their_feed() -> None:
    pager = AlpacaHistory(KEYS, "sip")
    wanted = Wanted("AAPL", "trades", day_of(TUESDAY))
    request = pager.first(wanted)
    assert (request.query["feed"], request.query["limit"]) == ("sip", "10000")
    row = {"t": "2024-01-02T15:00:00Z", "x": "V", "p": 185.5, "s": 100, "i": 1}
    rows = [row, {**row, "i": 2, "u": "canceled"}]
    page = pager.read(wanted, request, json.dumps({"trades": rows}).encode())
    assert page.columns["trade_id"].tolist() == [1]
    with pytest.raises(ValueError, match="no feed 'otc': choose iex"):
        AlpacaHistory(KEYS, "otc")
