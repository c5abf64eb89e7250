"""Options and scenarios as a file writes them: what the gate is told, and what cannot be."""

from decimal import Decimal
from pathlib import Path

import pytest

from config.accounts import accounts, reference
from config.errors import ConfigError
from config.settings import load
from streams.operators.risk.option_terms import OptionTerms, Valuation
from streams.operators.risk.stress import Scenario, Scope, Shock

OPTIONS = """
[instruments."CME:ESH6C6000".option]
underlying = "CME:ESH6"
on = "future"
strike = "6000"
expiry = "2026-03-20T13:30:00Z"
kind = "call"
rate = 0.04
volatility = 0.18

[instruments."DERIBIT:BTC-*"]
currency = "BTC"

[instruments."DERIBIT:BTC-*".option]
symbols = "deribit"
underlying = "DERIBIT:{root}-{date}"
on = "future"
currency = "USD"

[market.sessions."OPRA:*"]
timezone = "America/New_York"
open = "09:30"
close = "16:00"
days = "mon-fri"

[instruments."OPRA:*"]
multiplier = "100"
session = "OPRA:*"
option = { symbols = "occ", underlying = "NASDAQ:{root}", rate = 0.04, dividend_yield = 0.005 }
"""
STRESS = """
[accounts.paper.stress.crash]
days = 1
all = { price = -0.1, volatility = 10 }
sector.crypto = { price = -0.3, volatility = 30.0 }
instrument."SIM:BTC-USD" = { price = -0.4 }

[accounts.paper.stress.weekend]
days = 3

[accounts.paper.limits]
max_stress_loss = "20000"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_options_are_read_one_by_one_or_by_their_symbols(tmp_path: Path) -> None:
    known = reference(load(written(tmp_path, OPTIONS), {}))
    one = known.of("CME:ESH6C6000").option
    expiry_ns = 1_774_013_400 * 10**9
    valuation = Valuation("CME:ESH6", True, rate=0.04, volatility=0.18)
    assert one == OptionTerms(Decimal(6000), expiry_ns, True, valuation)
    coin = known.of("DERIBIT:BTC-27DEC24-100000-C").option
    assert coin is not None
    assert (coin.valuation.underlying, coin.valuation.currency) == ("DERIBIT:BTC-27DEC24", "USD")
    assert coin.valuation.volatility is None
    stock = known.of("OPRA:AAPL240119C00190000")
    assert stock.option is not None
    assert stock.contract.multiplier == 100
    assert (stock.option.strike, stock.option.valuation.underlying) == (190, "NASDAQ:AAPL")


def test_scenarios_are_read_with_their_shocks(tmp_path: Path) -> None:
    paper = accounts(load(written(tmp_path, STRESS), {}))["paper"]
    shocks = (
        Shock(Scope.ALL, "", -0.1, 10.0),
        Shock(Scope.SECTOR, "crypto", -0.3, 30.0),
        Shock(Scope.INSTRUMENT, "SIM:BTC-USD", -0.4),
    )
    assert paper.stress == (Scenario("crash", shocks, 1.0), Scenario("weekend", (), 3.0))
    assert paper.limits.account.max_stress_loss == 20_000


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ('kind = "call"', "lacks underlying"),
        ('underlying = "ES"', "write VENUE:SYMBOL"),
        ('on = "swap"', "on 'swap': use spot or future"),
        ('kind = "straddle"', "kind 'straddle': use call or put"),
        ('strike = "0"', "strike 0: must be"),
        ("strike = 5", "write it as a string"),
        ('expiry = "2026-03-20"', "write a date and time with its zone, as 2026"),
        ('expiry = "soon"', "expiry 'soon'"),
        ('expiry = "9999-01-01T00:00:00Z"', "expiry '9999"),
        ("volatility = -0.1", "volatility -0.1"),
        ("volatility = 18", "0.5 is 50 %"),
        ("rate = 4", "0.04 is 4 %"),
        ("volatility = nan", "volatility nan"),
        ("rate = inf", "rate inf"),
        ('symbols = "osi"', "symbols 'osi': use occ, deribit"),
        ('symbols = "deribit"', "leave those out, or symbols"),
        ('stike = "1"', "did you mean strike?"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, option: str, said: str) -> None:
    lines = {
        "underlying": 'underlying = "X:Y"',
        "strike": 'strike = "1"',
        "expiry": 'expiry = "2026-03-20T13:30:00Z"',
        "kind": 'kind = "put"',
    }
    lines[option.split(" ")[0]] = option
    if "lacks" in said:
        del lines["underlying"]
    path = written(tmp_path, '[instruments."X:Z".option]\n' + "\n".join(lines.values()))
    with pytest.raises(ConfigError, match=r"instruments.*option") as caught:
        reference(load(path, {}))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('inverse = true\noption = { underlying = "X:Y", symbols = "deribit" }', "inverse is for"),
        ('option = { underlying = "X:Y", symbols = "occ" }', "needs a session"),
    ],
)
def test_options_that_do_not_fit_their_instrument(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, f'[instruments."X:*"]\n{text}')
    with pytest.raises(ConfigError, match=said):
        reference(load(path, {}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[accounts.paper.stress.a]", "paper.stress.a: nothing happens in it"),
        ("[accounts.paper.stress.a]\ndays = -1", "days -1"),
        ("[accounts.paper.stress.a]\ndays = nan", "days nan"),
        ("[accounts.paper.stress.a]\nall = { price = -1 }", "cannot lose all"),
        ("[accounts.paper.stress.a]\nall = { price = 20 }", "-0.2 is 20 % down"),
        ("[accounts.paper.stress.a]\nall = { volatility = 5000 }", "points, 10 takes"),
        ("[accounts.paper.stress.a]\nall = { price = nan }", "a shock of nan"),
        ("[accounts.paper.stress.a]\nall = { prize = -0.1 }", "did you mean price?"),
        ('[accounts.paper.limits]\nmax_stress_loss = "1"', "needs a scenario"),
        ('[accounts.paper.limits.venue.SIM]\nmax_stress_loss = "1"', "needs a scenario"),
        ('[accounts.paper.limits]\nmax_var = "1"', "needs a measure"),
    ],
)
def test_stress_and_value_at_risk_that_cannot_be_are_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        accounts(load(written(tmp_path, text), {}))
    assert said in str(caught.value)
    assert "accounts.paper" in str(caught.value)
