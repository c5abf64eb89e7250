"""Where an account trades: on paper unless its table says otherwise, live when two words agree."""

from pathlib import Path

import pytest

from config.account_tree import VENUES
from config.errors import ConfigError
from config.keys import REPLAY_KEY
from config.operators import operator_configs
from config.settings import load
from config.tree import Settings
from console.commands.trade import permitted
from console.errors import Failure
from console.venues import TRADING_VENUES

LIMITS = """
max_order_size = "1"
max_position = "1"
max_order_notional = "1"
max_gross_notional = "1"
price_collar = "0.1"
order_rate = "1"
daily_loss = "1"
"""


def settings(tmp_path: Path, desk: str) -> Settings:
    path = tmp_path / "mine.toml"
    path.write_text(f"[accounts.desk]\n{desk}\n[accounts.desk.limits]{LIMITS}")
    return load(path, {})


def test_an_account_without_a_venue_is_on_paper(tmp_path: Path) -> None:
    made = settings(tmp_path, "")
    at = made.accounts["desk"]
    assert (at.venue, at.live, at.url) == ("paper", False, "")
    assert operator_configs(made, REPLAY_KEY).router.paper == ("paper", "desk")


def test_the_router_leaves_an_account_at_a_venue_alone(tmp_path: Path) -> None:
    made = settings(tmp_path, 'venue = "alpaca"')
    assert operator_configs(made, REPLAY_KEY).router.paper == ("paper",)


def test_every_venue_that_may_be_configured_can_be_traded_at() -> None:
    assert {"paper", *TRADING_VENUES} == set(VENUES)


@pytest.mark.parametrize(
    ("desk", "said"),
    [
        ('venue = "alpacca"', "use one of paper, alpaca, binance"),
        ("live = true", "cannot be live"),
        ('venue = "alpaca"\nlive = true\nurl = "http://x"', "cannot be live"),
        ('live = "yes"', "accounts.desk.live = 'yes'"),
        ('vennue = "alpaca"', "unknown key accounts.desk.vennue"),
        ('venue = "binance"', "accounts.desk.currency is missing: binance names the currency"),
        ('venue = "mercadobitcoin"', "open nothing after its first fill"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, desk: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(tmp_path, desk)


def test_real_money_needs_both_words(tmp_path: Path) -> None:
    live = settings(tmp_path, 'venue = "alpaca"\nlive = true')
    assert permitted(live, "desk", "desk").live
    for word in ("", "paper", "yes"):
        with pytest.raises(Failure, match="--live desk"):
            permitted(live, "desk", word)
    test = settings(tmp_path, 'venue = "alpaca"')
    assert not permitted(test, "desk", "").live
    with pytest.raises(Failure, match="no live = true"):
        permitted(test, "desk", "desk")


def test_a_venue_without_a_test_endpoint_says_so(tmp_path: Path) -> None:
    made = settings(tmp_path, 'venue = "kraken"\ncurrency = "USD"')
    with pytest.raises(Failure, match=r"no test endpoint.*live = true"):
        permitted(made, "desk", "")
    live = settings(tmp_path, 'venue = "kraken"\ncurrency = "USD"\nlive = true')
    assert permitted(live, "desk", "desk").live


def test_an_account_on_paper_or_unknown_needs_no_adapter(tmp_path: Path) -> None:
    made = settings(tmp_path, "")
    with pytest.raises(Failure, match="trades on paper"):
        permitted(made, "desk", "")
    with pytest.raises(Failure, match="configured are: paper, desk"):
        permitted(made, "dessk", "")
