"""Betfair's ladders against a dict ladder built from the JSON itself; hostile lines never raise."""

import bz2
import json
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.betfair.codec import BetfairCodec
from connectors.events import DepthEvent, Event, Rejected, TradeEvent
from schemas.enums import StatusKind
from schemas.records import Status
from tests.conftest import DATA

pytestmark = pytest.mark.usefixtures("recorded")
FOLDER = DATA / "betfair"
SMALL, RACE = "1-166564490.bz2", "1-206064380.bz2"
CLOSED_AT = 1667795631661 * 10**6
Ladder = dict[str, dict[int, int]]


def lines(name: str) -> list[bytes]:
    return bz2.decompress((FOLDER / name).read_bytes()).splitlines()


def hundredths(number: int | Decimal) -> int:
    return int((Decimal(number) * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def fold_naive(ladders: dict[str, Ladder], line: bytes) -> None:
    for change in json.loads(line, parse_float=Decimal)["mc"]:
        market = f"BETFAIR:{change['id']}/"
        if change.get("img"):
            for name in [n for n in ladders if n.startswith(market)]:
                ladders[name] = {"atb": {}, "atl": {}}
        for entry in change["rc"]:
            ladder = ladders.setdefault(f"{market}{entry['id']}", {"atb": {}, "atl": {}})
            for side, levels in ladder.items():
                for price, size in entry.get(side, []):
                    levels[hundredths(price)] = hundredths(size)
                    if not size:
                        del levels[hundredths(price)]


def fold_event(ladders: dict[str, Ladder], last: dict[str, int], event: DepthEvent) -> None:
    name = event.instrument.name
    if event.snapshot:
        assert event.prev_seq == 0
        ladders[name] = {"atb": {}, "atl": {}}
    else:
        assert event.prev_seq == last[name]
    assert event.seq == last.get(name, 0) + 1
    last[name] = event.seq
    for side, levels in (("atb", event.bids), ("atl", event.asks)):
        for price, size in levels:
            ladders[name][side][price] = size
            if not size:
                del ladders[name][side][price]


def events_of(name: str) -> list[Event | Rejected]:
    codec = BetfairCodec()
    return [event for line in lines(name) for event in codec.read(line, 0)]


@pytest.mark.parametrize("name", [SMALL, RACE])
def test_the_ladders_are_those_of_the_json_after_every_message(name: str) -> None:
    codec = BetfairCodec()
    naive: dict[str, Ladder] = {}
    folded: dict[str, Ladder] = {}
    last: dict[str, int] = {}
    for line in lines(name):
        fold_naive(naive, line)
        for event in codec.read(line, 0):
            assert not isinstance(event, Rejected)
            assert event.ts_event == event.ts_recv == json.loads(line)["pt"] * 10**6
            if isinstance(event, DepthEvent):
                assert event.instrument[1:] == (2, 2)
                fold_event(folded, last, event)
        shown = {n: ladder for n, ladder in naive.items() if n in folded or any(ladder.values())}
        assert folded == shown
    assert len(folded) == (2 if name == SMALL else 13)
    for ladder in folded.values():
        if ladder["atb"] and ladder["atl"]:
            assert max(ladder["atb"]) < min(ladder["atl"])


def test_the_race_ends_closed_with_its_result() -> None:
    last: dict[str, Status] = {}
    for event in events_of(RACE):
        if isinstance(event, Status):
            last[event.instrument] = event
    assert {(s.kind, s.ts_event) for s in last.values()} == {(StatusKind.CLOSED, CLOSED_AT)}
    results = Counter(s.detail.partition("runner=")[2] for s in last.values())
    assert results == {"LOSER": 11, "WINNER": 1, "REMOVED": 1}
    winner = last["BETFAIR:1.206064380/38523163"]
    assert winner.detail == "CLOSED inPlay=true runner=WINNER"


def test_the_statuses_of_a_runner_in_order() -> None:
    told = [e for e in events_of(RACE) if isinstance(e, Status)]
    winner = [(s.kind.value, s.detail) for s in told if s.instrument.endswith("/38523163")]
    before, running = "inPlay=false runner=ACTIVE", "inPlay=true runner=ACTIVE"
    assert winner == [
        ("TRADING", f"OPEN {before}"),
        ("HALTED", f"SUSPENDED {before}"),
        ("TRADING", f"OPEN {before}"),
        ("HALTED", f"SUSPENDED {before}"),
        ("TRADING", f"OPEN {before}"),
        ("HALTED", f"SUSPENDED {before}"),
        ("TRADING", f"OPEN {running}"),
        ("HALTED", f"SUSPENDED {running}"),
        ("CLOSED", "CLOSED inPlay=true runner=WINNER"),
    ]
    gone = [s.kind.value for s in told if s.instrument.endswith("/39540410")]
    assert gone[:3] == ["TRADING", "HALTED", "CLOSED"]
    assert set(gone[3:]) == {"CLOSED"}


@pytest.mark.parametrize("name", [SMALL, RACE])
def test_trades_are_the_increases_of_the_traded_volume(name: str) -> None:
    """Beside the first image and what a message moves from one price to another."""
    expected = []
    seen: dict[tuple[int, Decimal], Decimal] = {}
    for number, line in enumerate(lines(name)):
        (change,) = json.loads(line, parse_float=Decimal)["mc"]
        for entry in change["rc"]:
            rows = entry.get("trd", [])
            moved = any(not size and seen.get((entry["id"], price)) for price, size in rows)
            for price, size in rows:
                more = size - seen.get((entry["id"], price), 0)
                seen[entry["id"], price] = size
                if more > 0 and not moved and not (number == 0 and change.get("img")):
                    expected.append((entry["id"], hundredths(price), hundredths(more)))
    trades = [e for e in events_of(name) if isinstance(e, TradeEvent)]
    found = [(int(t.instrument.name.rpartition("/")[2]), t.price, t.size) for t in trades]
    assert found == expected
    assert len(found) > 100
    assert {t.side for t in trades} == {0}
    for runner in {t.instrument for t in trades}:
        ids = [t.trade_id for t in trades if t.instrument == runner]
        assert ids == list(range(1, len(ids) + 1))


def mcm(*changes: Any, pt: int = 5, **fields: Any) -> bytes:
    return json.dumps({"op": "mcm", "pt": pt, "mc": list(changes), **fields}).encode()


def market(*entries: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "1.2", "rc": list(entries), **fields}


def test_the_receive_time_is_the_callers_when_there_is_one() -> None:
    (event,) = BetfairCodec().read(mcm(market({"id": 7, "atb": [[2, 1]]})), 9_000_000)
    assert isinstance(event, DepthEvent)
    assert (event.ts_event, event.ts_recv) == (5_000_000, 9_000_000)


def test_the_entries_of_a_runner_in_an_image_are_one_snapshot() -> None:
    codec = BetfairCodec()
    codec.read(mcm(market({"id": 7, "atb": [[2, 1]]}, {"id": 8, "atl": [[3, 1]]})), 0)
    image = market({"id": 7, "atl": [[2.5, 4]]}, {"id": 7, "atb": [[1.5, 2], [1.4, 0]]}, img=True)
    seven, eight = codec.read(mcm(image), 0)
    assert isinstance(seven, DepthEvent)
    assert seven[3:] == (2, 0, True, [(150, 200)], [(250, 400)])
    assert isinstance(eight, DepthEvent)
    assert eight[3:] == (2, 0, True, [], [])  # an image names what there is


def test_sizes_are_rounded_half_to_even_and_odds_are_exact() -> None:
    codec = BetfairCodec()
    line = (
        b'{"op":"mcm","pt":1,"mc":[{"id":"1.2","rc":[{"id":7,"atb":[[1.01,0.125],[1.02,0.135]]}]}]}'
    )
    (event,) = codec.read(line, 0)
    assert isinstance(event, DepthEvent)
    assert event.bids == [(102, 14), (101, 12)]
    (rejected,) = codec.read(line.replace(b"1.02", b"1.0200000000000000000000000000000001"), 0)
    assert isinstance(rejected, Rejected)
    assert "more than 2 decimals" in rejected.error


def test_handicaps_are_instruments_of_their_own() -> None:
    entries = [{"id": 7, "hc": hc, "atb": [[2, 1]]} for hc in (0, -0.5, 10)]
    events = BetfairCodec().read(mcm(market(*entries)), 0)
    names = [e.instrument.name for e in events if isinstance(e, DepthEvent)]
    assert names == ["BETFAIR:1.2/7", "BETFAIR:1.2/7/-0.5", "BETFAIR:1.2/7/10"]


def test_level_ladders_and_starting_prices_are_left_out() -> None:
    entry = {"id": 7, "batb": [[0, 2, 1]], "bdatl": [[0, 3, 1]], "spb": [[2.123456, 0]]}
    codec = BetfairCodec()
    assert codec.read(mcm(market(entry)), 0) == []
    line = mcm(market({**entry, "spn": float("nan")}))  # written as a bare NaN
    assert codec.read(line, 0) == []
    assert codec.read(b'{"op":"mcm","pt":1,"ct":"HEARTBEAT"}', 0) == []


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"[" * 200_000,
        b'{"op":"status"}',
        mcm(pt=-1),
        mcm(pt=2**63),
        mcm(market({"id": 7, "atb": [[2, -1]]})),
        mcm(market({"id": 7, "atb": [[0, 1]]})),
        mcm(market({"id": 7, "atb": [[2]]})),
        mcm(market({"id": 7, "atb": [[2, True]]})),
        mcm(market({"id": 7, "atb": [["2", 1]]})),
        mcm(market({"id": 7, "atb": [[2, float("inf")]]})),
        mcm(market({"id": 7, "atb": [[2, float("nan")]]})),
        mcm(market({"id": 7, "atl": [[2, 10**40]]})),
        mcm({"id": "\ud800", "rc": []}),
        mcm(market(marketDefinition={"status": "NEW", "runners": []})),
        mcm(market()).replace(b'"pt": 5', b'"pt": 1e999999999999999999999'),
        mcm(market()).replace(b'"pt": 5', b'"pt": ' + b"9" * 5000),
    ],
)
def test_what_cannot_be_read_is_rejected_and_reading_goes_on(line: bytes) -> None:
    codec = BetfairCodec()
    (rejected,) = codec.read(line, 0)
    assert isinstance(rejected, Rejected)
    assert rejected.payload == line
    assert rejected.error
    assert len(codec.read(mcm(market({"id": 7, "atb": [[2, 1]]})), 0)) == 1


def test_a_rejected_line_changes_nothing() -> None:
    codec, twin = BetfairCodec(), BetfairCodec()
    first = mcm(market({"id": 7, "atb": [[2, 1]], "trd": [[2, 5]]}))
    bad = mcm(market({"id": 7, "atb": [[2, 3]], "trd": [[2, 9]]}, {"id": 8, "atb": [[2]]}))
    after = mcm(market({"id": 7, "atl": [[3, 1]], "trd": [[2, 11]]}))
    assert codec.read(first, 0) == twin.read(first, 0)
    assert isinstance(codec.read(bad, 0)[0], Rejected)
    assert codec.read(after, 0) == twin.read(after, 0)


def within_int64(events: list[Event | Rejected]) -> bool:
    """What goes on can be written as a frame or a record."""
    for event in events:
        if isinstance(event, Status):
            event.instrument.encode()
            event.detail.encode()
        elif not isinstance(event, Rejected):
            event[0].name.encode()
            flat = [n for n in event[1:] if isinstance(n, int)]
            if isinstance(event, DepthEvent):
                flat += [n for level in event.bids + event.asks for n in level]
            assert all(-(2**63) <= n < 2**63 for n in flat)
    return True


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    assert within_int64(BetfairCodec().read(data, 0))


SAMPLES = (
    lines(SMALL)[:20] + [x for x in lines(RACE) if b"marketDefinition" in x][:3]
    if FOLDER.is_dir()
    else [b""]
)


@settings(max_examples=400)
@given(st.sampled_from(SAMPLES), st.data())
def test_mutated_lines_never_raise(line: bytes, data: st.DataObject) -> None:
    codec = BetfairCodec()
    codec.read(SAMPLES[0], 0)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(line)))
        stop = data.draw(st.integers(start, min(len(line), start + 8)))
        line = line[:start] + data.draw(st.binary(max_size=4)) + line[stop:]
    assert within_int64(codec.read(line, 0))


def replaced(value: Any, other: Any, data: st.DataObject) -> Any:
    """The value with one thing somewhere inside it replaced."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 9)):
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: replaced(value[key], other, data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 9)):
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], replaced(value[at], other, data), *value[at + 1 :]]
    return other


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@settings(max_examples=400)
@given(st.sampled_from(SAMPLES), JSON, st.data())
def test_well_formed_nonsense_never_raises(line: bytes, other: Any, data: st.DataObject) -> None:
    codec = BetfairCodec()
    codec.read(SAMPLES[0], 0)
    nonsense = json.dumps(replaced(json.loads(line), other, data)).encode()
    assert within_int64(codec.read(nonsense, 0))


def test_every_truncation_of_a_line_is_one_rejection() -> None:
    line = SAMPLES[0]
    for length in range(len(line)):
        (event,) = BetfairCodec().read(line[:length], 0)
        assert isinstance(event, Rejected)
