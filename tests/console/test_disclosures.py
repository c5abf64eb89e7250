"""tickstream mirror: what a CSV file tells of others, and what is refused with its line."""

import contextlib
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.commands import mirror
from console.disclosures import read
from console.errors import Failure
from schemas.enums import DisclosedAction, Side
from schemas.records import Disclosure

FILINGS = """known,who,instrument,holds,traded,weight
2024-02-14,Berkshire,X:AAPL,905,2023-12-31,0.50
2024-02-14,Berkshire,X:KO,400,2023-12-31,
2024-05-15,Berkshire,X:AAPL,789,2024-03-31,0.41
2024-05-15,Berkshire,X:KO,400,2024-03-31,
2024-05-15,Bridgewater,X:KO,3,2024-03-31,0.01
2024-08-14,Berkshire,X:KO,401,2024-06-30,
2024-08-14,Bridgewater,X:KO,0,2024-06-30,0
"""
FILLS = """known,who,instrument,side,size,price
2024-02-14T10:00:00,desk2,X:BTC,buy,0.5,50000
2024-02-14T10:00:01,desk2,X:BTC,sell,0.2,50100
2024-02-14T10:00:02,desk2,X:BTC,sell,0.9,50200
2024-02-14T10:00:03,desk2,X:BTC,buy,0.6,50300
"""
ACTIONS = """known,who,instrument,action,side
2024-02-14,somebody,X:BTC,new,sell
2024-02-14,somebody,X:BTC,sold,sell
2024-02-15,somebody,X:ETH,new,
"""
INSIDERS = """known,who,instrument,role,code,shares,owned,traded,price
2024-03-04,A. Smith,X:ACME,Chief Executive Officer,P,120000,120000,2024-03-01,10.5
2024-03-05,B. Jones,X:ACME,Director,P,500,4500,2024-03-04,10.7
2024-03-06,B. Jones,X:ACME,Director,A,2000,6500,2024-03-05,
2024-03-07,C. Brown,X:ACME,CFO,S,800,,2024-03-06,11.0
2024-03-08,A. Smith,X:ACME,CEO,s,120000,0,2024-03-07,12.0
"""
NEW, INCREASED = DisclosedAction.NEW, DisclosedAction.INCREASED
REDUCED, SOLD = DisclosedAction.REDUCED, DisclosedAction.SOLD


def told(folder: Path, text: str) -> list[tuple[int, Disclosure]]:
    file = folder / "told.csv"
    file.write_text(text)
    return list(read(file))


def test_holdings_become_what_was_done_between_two_filings(tmp_path: Path) -> None:
    made = told(tmp_path, FILINGS)
    assert [(line, d.who, d.instrument, d.action) for line, d in made] == [
        (2, "Berkshire", "X:AAPL", NEW),
        (3, "Berkshire", "X:KO", NEW),
        (4, "Berkshire", "X:AAPL", REDUCED),
        (6, "Bridgewater", "X:KO", NEW),
        (7, "Berkshire", "X:KO", INCREASED),
        (8, "Bridgewater", "X:KO", SOLD),
    ]
    first = made[0][1]
    assert first.ts_event - first.ts_traded == 45 * 86_400 * 10**9
    assert first.weight == 0.5
    assert math.isnan(made[1][1].weight)


def test_fills_become_what_they_did_to_the_position(tmp_path: Path) -> None:
    made = [d for _, d in told(tmp_path, FILLS)]
    assert [(d.action, d.side, d.price) for d in made] == [
        (NEW, Side.BUY, 50_000.0),
        (REDUCED, Side.BUY, 50_100.0),
        (NEW, Side.SELL, 50_200.0),
        (SOLD, Side.SELL, 50_300.0),
    ]
    assert all(d.ts_event == d.ts_traded for d in made)


def test_actions_are_taken_as_they_are(tmp_path: Path) -> None:
    made = [(d.action, d.side) for _, d in told(tmp_path, ACTIONS)]
    assert made == [(NEW, Side.SELL), (SOLD, Side.SELL), (NEW, Side.BUY)]


def test_what_insiders_bought_and_sold_in_the_market_is_told_with_their_role(
    tmp_path: Path,
) -> None:
    """A grant (A) says nothing of what one expects."""
    made = told(tmp_path, INSIDERS)
    assert [(line, d.who, d.action, d.role, d.shares) for line, d in made] == [
        (2, "A. Smith", NEW, "Chief Executive Officer", 120_000),
        (3, "B. Jones", INCREASED, "Director", 500),
        (5, "C. Brown", REDUCED, "CFO", 800),
        (6, "A. Smith", SOLD, "CEO", 120_000),
    ]
    assert all(d.side is Side.BUY for _, d in made)
    assert made[0][1].price == 10.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("known,who,instrument\n", "exactly one of action, size, holds, code"),
        ("known,who,instrument,code,role\n", "no shares, which an insider's must have"),
        ("known,who,instrument,size,role\n", "no code, which an insider's must have"),
        (INSIDERS + "2024-03-09,D,X:ACME,CEO,Y,1,,,\n", ":7: code 'Y': a transaction code"),
        (INSIDERS + "2024-03-09,D,X:ACME,,P,1,,,\n", ":7: role is empty"),
        (INSIDERS + "2024-03-09,D,X:ACME,CEO,P,0,,,\n", ":7: shares '0': how many"),
        (INSIDERS + "2024-03-09,D,X:ACME,CEO,P,,,,\n", ":7: shares '': how many"),
        ("known,who,instrument,size,holds\n", "exactly one of"),
        ("known,who,action\n", "no instrument"),
        ("known,who,instrument,action,colour\n", "unknown colour"),
        ("", "no known, who, instrument"),
        (FILLS + "2024-02-13,desk2,X:BTC,buy,1,1\n", ":6: known lies before"),
        (FILLS + "2024-02-15,desk2,X:BTC,hold,1,1\n", ":6: side 'hold': one of buy, sell"),
        (FILLS + "2024-02-15,desk2,X:BTC,buy,-1,1\n", ":6: size -1: above 0"),
        (FILLS + "2024-02-15,desk2,X:BTC,buy,NaN,1\n", ":6: size 'NaN' is no number"),
        (FILLS + "2024-02-15,desk2,X:BTC,buy,1,-1\n", ":6: price -1: above 0"),
        (FILLS + "2024-02-15,desk2,BTC,buy,1,1\n", ":6: instrument 'BTC': write VENUE:SYMBOL"),
        (FILLS + "2024-02-15,,X:BTC,buy,1,1\n", ":6: who is empty"),
        (FILLS + "lately,desk2,X:BTC,buy,1,1\n", ":6: 'lately' is no time"),
        (FILINGS + "2024-11-14,B,X:KO,1,2024-12-31,0\n", ":9: traded lies after known"),
        (FILINGS + "2024-11-14,B,X:KO,1,2024-09-30,5\n", ":9: weight 5: 0 … 1"),
    ],
)
def test_what_a_file_gets_wrong_is_told_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=says):
        told(tmp_path, text)


@settings(deadline=None, max_examples=100)
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda head, rest: (head + rest).encode(),
        st.sampled_from([FILLS, INSIDERS]),
        st.text(max_size=100),
    )
)
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "any.csv"
    file.write_bytes(data)
    with contextlib.suppress(Failure):
        assert all(isinstance(d, Disclosure) for _, d in read(file))


def test_nothing_is_sent_to_where_there_is_no_broker(tmp_path: Path) -> None:
    file = tmp_path / "told.csv"
    file.write_text(FILLS.replace("0.6", "much"))
    with pytest.raises(Failure, match=":5: size 'much'"):
        mirror.run(file, None, "127.0.0.1:1")
