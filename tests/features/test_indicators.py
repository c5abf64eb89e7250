"""Indicators are what TA-Lib, pandas and their papers say, and the same whether they are folded bar
by bar or at once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import ConfigError
from config.settings import load
from streams.operators.features.indicators import indicator
from streams.operators.features.indicators.asked import parse
from streams.operators.features.indicators.fold import Program, over
from streams.operators.features.indicators.indicator import BAR_COLUMNS
from streams.operators.features.indicators.jobs import jobs
from streams.operators.features.indicators.library import GROUPS, LIBRARY
from tests.features.series import bars

BARS = bars(1500)
OPEN, HIGH, LOW, CLOSE, VOLUME, BOUGHT, NOTIONAL, _, TIME = BARS
VOLUME_ROW = BAR_COLUMNS.index("volume")
OF_BARS = {name: one for name, one in LIBRARY.items() if one.made_of == indicator.OF_BARS}
ALL = tuple(parse(name) for name in OF_BARS)


def one(text: str, output: str = "") -> np.ndarray:
    asked = parse(text)
    found = over((asked,), BARS)
    return found[list(asked.indicator.outputs).index(output)]


ORACLE = [
    ("sma(20)", "", talib.SMA(CLOSE, 20)),
    ("sma(20, of=volume)", "", talib.SMA(VOLUME, 20)),
    ("ema(20)", "", talib.EMA(CLOSE, 20)),
    ("dema(20)", "", talib.DEMA(CLOSE, 20)),
    ("tema(20)", "", talib.TEMA(CLOSE, 20)),
    ("wma(20)", "", talib.WMA(CLOSE, 20)),
    ("trima(20)", "", talib.TRIMA(CLOSE, 20)),
    ("trima(21)", "", talib.TRIMA(CLOSE, 21)),
    ("kama(10)", "", talib.KAMA(CLOSE, 10)),
    ("t3(5, 0.7)", "", talib.T3(CLOSE, 5, 0.7)),
    ("trix(15)", "", talib.TRIX(CLOSE, 15)),
    ("mom(10)", "", talib.MOM(CLOSE, 10)),
    ("roc(10)", "", talib.ROC(CLOSE, 10)),
    ("rsi(14)", "", talib.RSI(CLOSE, 14)),
    ("cmo(14)", "", talib.CMO(CLOSE, 14)),
    ("macd(12, 26, 9)", "", talib.MACD(CLOSE)[0]),
    ("macd(12, 26, 9)", "signal", talib.MACD(CLOSE)[1]),
    ("macd(12, 26, 9)", "hist", talib.MACD(CLOSE)[2]),
    ("macd(26, 12, 9)", "hist", talib.MACD(CLOSE)[2]),
    ("ppo(12, 26)", "", talib.PPO(CLOSE, 12, 26, talib.MA_Type.EMA)),
    ("stoch(14, 3, 3)", "k", talib.STOCH(HIGH, LOW, CLOSE, 14, 3, 0, 3, 0)[0]),
    ("stoch(14, 3, 3)", "d", talib.STOCH(HIGH, LOW, CLOSE, 14, 3, 0, 3, 0)[1]),
    ("stoch(5, 1, 3)", "d", talib.STOCHF(HIGH, LOW, CLOSE, 5, 3)[1]),
    ("stoch_rsi(14, 10, 3)", "k", talib.STOCHRSI(CLOSE, 14, 10, 3)[0]),
    ("stoch_rsi(14, 10, 3)", "d", talib.STOCHRSI(CLOSE, 14, 10, 3)[1]),
    ("willr(14)", "", talib.WILLR(HIGH, LOW, CLOSE, 14)),
    ("cci(20)", "", talib.CCI(HIGH, LOW, CLOSE, 20)),
    ("ultosc", "", talib.ULTOSC(HIGH, LOW, CLOSE)),
    ("bop", "", talib.BOP(OPEN, HIGH, LOW, CLOSE)),
    ("adx(14)", "", talib.ADX(HIGH, LOW, CLOSE, 14)),
    ("adx(14)", "plus_di", talib.PLUS_DI(HIGH, LOW, CLOSE, 14)),
    ("adx(14)", "minus_di", talib.MINUS_DI(HIGH, LOW, CLOSE, 14)),
    ("aroon(14)", "up", talib.AROON(HIGH, LOW, 14)[1]),
    ("aroon(14)", "down", talib.AROON(HIGH, LOW, 14)[0]),
    ("aroon(14)", "osc", talib.AROONOSC(HIGH, LOW, 14)),
    ("sar(0.02, 0.2)", "", talib.SAR(HIGH, LOW, 0.02, 0.2)),
    ("sar(0.05, 0.1)", "", talib.SAR(HIGH, LOW, 0.05, 0.1)),
    ("tr", "", talib.TRANGE(HIGH, LOW, CLOSE)),
    ("atr(14)", "", talib.ATR(HIGH, LOW, CLOSE, 14)),
    ("atr(14)", "percent", talib.NATR(HIGH, LOW, CLOSE, 14)),
    ("stddev(20)", "", talib.STDDEV(CLOSE, 20)),
    ("bbands(20, 2)", "upper", talib.BBANDS(CLOSE, 20, 2, 2)[0]),
    ("bbands(20, 2)", "middle", talib.BBANDS(CLOSE, 20, 2, 2)[1]),
    ("bbands(20, 2)", "lower", talib.BBANDS(CLOSE, 20, 2, 2)[2]),
    ("obv", "", talib.OBV(CLOSE, VOLUME)),
    ("ad", "", talib.AD(HIGH, LOW, CLOSE, VOLUME)),
    ("adosc(3, 10)", "", talib.ADOSC(HIGH, LOW, CLOSE, VOLUME, 3, 10)),
    ("mfi(14)", "", talib.MFI(HIGH, LOW, CLOSE, VOLUME, 14)),
    ("donchian(20)", "upper", talib.MAX(HIGH, 20)),
    ("donchian(20)", "lower", talib.MIN(LOW, 20)),
    ("stoch(5, 1, 3)", "k", talib.STOCHF(HIGH, LOW, CLOSE, 5, 3)[0]),
    ("bbands(20, 2)", "width", talib.STDDEV(CLOSE, 20) * 4 / talib.SMA(CLOSE, 20)),
    ("price", "average", talib.AVGPRICE(OPEN, HIGH, LOW, CLOSE)),
    ("price", "median", talib.MEDPRICE(HIGH, LOW)),
    ("price", "typical", talib.TYPPRICE(HIGH, LOW, CLOSE)),
    ("price", "weighted", talib.WCLPRICE(HIGH, LOW, CLOSE)),
    ("heikin_ashi", "open", talib.HA(OPEN, HIGH, LOW, CLOSE)[0]),
    ("heikin_ashi", "high", talib.HA(OPEN, HIGH, LOW, CLOSE)[1]),
    ("heikin_ashi", "low", talib.HA(OPEN, HIGH, LOW, CLOSE)[2]),
    ("heikin_ashi", "close", talib.HA(OPEN, HIGH, LOW, CLOSE)[3]),
    ("extremes(14)", "min", talib.MIN(CLOSE, 14)),
    ("extremes(14)", "max", talib.MAX(CLOSE, 14)),
    ("extremes(14)", "mid", talib.MIDPOINT(CLOSE, 14)),
    ("donchian(14)", "middle", talib.MIDPRICE(HIGH, LOW, 14)),
    ("avgdev(14)", "", talib.AVGDEV(CLOSE, 14)),
    ("percentile(30, 50)", "", talib.PERCENTILE(CLOSE, 30, 50)),
    ("percentile(30, 12)", "", talib.PERCENTILE(CLOSE, 30, 12)),
    ("rank(100)", "", talib.PERCENTRANK(CLOSE, 100)),
    ("ht_cycle", "period", talib.HT_DCPERIOD(CLOSE)),
    ("ht_cycle", "in_phase", talib.HT_PHASOR(CLOSE)[0]),
    ("ht_cycle", "quadrature", talib.HT_PHASOR(CLOSE)[1]),
    ("ht_phase", "", talib.HT_DCPHASE(CLOSE)),
    ("ht_phase", "sine", talib.HT_SINE(CLOSE)[0]),
    ("ht_phase", "lead", talib.HT_SINE(CLOSE)[1]),
    ("ht_trend", "", talib.HT_TRENDLINE(CLOSE)),
    ("mama(0.5, 0.05)", "", talib.MAMA(CLOSE, 0.5, 0.05)[0]),
    ("mama(0.5, 0.05)", "fama", talib.MAMA(CLOSE, 0.5, 0.05)[1]),
    ("apo(12, 26)", "", talib.APO(CLOSE, 12, 26, talib.MA_Type.EMA)),
    ("ppo(12, 26, of=volume)", "", talib.PVO(VOLUME, 12, 26, talib.MA_Type.EMA)),
    ("ao", "", talib.AO(HIGH, LOW)),
    ("ao", "ac", talib.AC(HIGH, LOW)),
    ("tsi(25, 13)", "", talib.TSI(CLOSE, 25, 13)),
    ("smi(13, 2, 25, 9)", "", talib.SMI(HIGH, LOW, CLOSE, 13, 2, 25, 9)[0]),
    ("smi(13, 2, 25, 9)", "signal", talib.SMI(HIGH, LOW, CLOSE, 13, 2, 25, 9)[1]),
    ("coppock", "", talib.COPPOCK(CLOSE)),
    ("dpo(20)", "", talib.DPO(CLOSE, 20)),
    ("dpo(5)", "", talib.DPO(CLOSE, 5)),
    ("kdj", "k", talib.KDJ(HIGH, LOW, CLOSE)[0]),
    ("kdj", "d", talib.KDJ(HIGH, LOW, CLOSE)[1]),
    ("kdj", "j", talib.KDJ(HIGH, LOW, CLOSE)[2]),
    ("eri(13)", "bull", talib.ERI(HIGH, LOW, CLOSE, 13)[0]),
    ("eri(13)", "bear", talib.ERI(HIGH, LOW, CLOSE, 13)[1]),
    ("qstick(10)", "", talib.QSTICK(OPEN, CLOSE, 10)),
    ("cvi(10, 10)", "", talib.CVI(HIGH, LOW, 10, 10)),
    ("massi(9, 25)", "", talib.MASSI(HIGH, LOW, 9, 25)),
    ("rocr(10)", "", talib.ROCR(CLOSE, 10)),
    ("cmou(14)", "", talib.CMOU(CLOSE, 14)),
    ("efficiency(10)", "", talib.ER(CLOSE, 10)),
    ("efficiency(28)", "vhf", talib.VHF(CLOSE, 28)),
    ("imi(14)", "", talib.IMI(OPEN, CLOSE, 14)),
    ("dx(14)", "", talib.DX(HIGH, LOW, CLOSE, 14)),
    ("dx(14)", "adxr", talib.ADXR(HIGH, LOW, CLOSE, 14)),
    ("dx(14)", "plus_dm", talib.PLUS_DM(HIGH, LOW, 14)),
    ("dx(14)", "minus_dm", talib.MINUS_DM(HIGH, LOW, 14)),
    ("vortex(14)", "plus", talib.VORTEX(HIGH, LOW, CLOSE, 14)[0]),
    ("vortex(14)", "minus", talib.VORTEX(HIGH, LOW, CLOSE, 14)[1]),
    ("rvi(14, 10)", "", talib.RVI(CLOSE, 14, 10)),
    ("accbands(20)", "upper", talib.ACCBANDS(HIGH, LOW, CLOSE, 20)[0]),
    ("accbands(20)", "middle", talib.ACCBANDS(HIGH, LOW, CLOSE, 20)[1]),
    ("accbands(20)", "lower", talib.ACCBANDS(HIGH, LOW, CLOSE, 20)[2]),
    ("adr(14)", "", talib.ADR(HIGH, LOW, 14)),
    ("rma(30)", "", talib.RMA(CLOSE, 30)),
    ("vwma(30)", "", talib.VWMA(CLOSE, VOLUME, 30)),
    ("zlema(30)", "", talib.ZLEMA(CLOSE, 30)),
    ("hma(20)", "", talib.HMA(CLOSE, 20)),
    ("cmf(20)", "", talib.CMF(HIGH, LOW, CLOSE, VOLUME, 20)),
    ("supertrend(10, 3)", "", talib.SUPERTREND(HIGH, LOW, CLOSE, 10, 3)[0]),
    ("sarext", "", talib.SAREXT(HIGH, LOW)),
    (
        "sarext(101, 0.01, 0.03, 0.02, 0.1, 0.01, 0.04, 0.3)",
        "",
        talib.SAREXT(HIGH, LOW, 101, 0.01, 0.03, 0.02, 0.1, 0.01, 0.04, 0.3),
    ),
    ("sarext(-90)", "", talib.SAREXT(HIGH, LOW, -90)),
    ("efi(13)", "", talib.EFI(CLOSE, VOLUME, 13)),
    ("marketfi", "", talib.MARKETFI(HIGH, LOW, VOLUME)),
    ("volume_index", "negative", talib.NVI(CLOSE, VOLUME)),
    ("volume_index", "positive", talib.PVI(CLOSE, VOLUME)),
    ("volume_index", "trend", talib.PVT(CLOSE, VOLUME)),
    ("rvol(20)", "", talib.RVOL(VOLUME, 20)),
    ("wad", "", talib.WAD(HIGH, LOW, CLOSE)),
    ("linreg(14)", "", talib.LINEARREG(CLOSE, 14)),
    ("linreg(14)", "slope", talib.LINEARREG_SLOPE(CLOSE, 14)),
    ("linreg(14)", "intercept", talib.LINEARREG_INTERCEPT(CLOSE, 14)),
    ("linreg(14)", "angle", talib.LINEARREG_ANGLE(CLOSE, 14)),
    ("linreg(14)", "forecast", talib.TSF(CLOSE, 14)),
    ("corr(30, of=close, with=volume)", "", talib.CORREL(CLOSE, VOLUME, 30)),
    ("beta(5, of=high, with=low)", "", talib.BETA(HIGH, LOW, 5)),
]


@pytest.mark.parametrize(("text", "output", "wanted"), ORACLE)
def test_an_indicator_is_what_ta_lib_makes_of_it(
    text: str, output: str, wanted: np.ndarray
) -> None:
    defined = ~np.isnan(wanted)
    assert defined.sum() >= 1400
    np.testing.assert_allclose(one(text, output)[defined], wanted[defined], rtol=1e-9, atol=1e-9)


def test_the_mode_of_the_trend_is_that_of_ta_lib() -> None:
    """It is 0 or 1, and 0 where TA-Lib does not say."""
    found, wanted = one("ht_trend", "mode"), talib.HT_TRENDMODE(CLOSE)
    assert {0, 1} == set(wanted[63:])
    np.testing.assert_array_equal(found[63:], wanted[63:])


def test_a_fractal_is_the_extreme_that_ta_lib_marks_when_the_bars_beside_it_are_over() -> None:
    marks = talib.FRACTAL(HIGH, LOW)
    for output, prices, marked in (("high", HIGH, marks[0]), ("low", LOW, marks[1])):
        at = np.flatnonzero(marked)
        found = one("fractal(2)", output)
        np.testing.assert_array_equal(found[at], prices[at - 2])
        assert set(np.flatnonzero(np.diff(found[4:])) + 5) <= set(at)


def test_what_ta_lib_lacks_is_what_its_definition_says() -> None:
    high, low, close = pd.Series(HIGH), pd.Series(LOW), pd.Series(CLOSE)
    volume, notional = pd.Series(VOLUME), pd.Series(NOTIONAL)
    weights = np.arange(1, 17)

    def wma(values: pd.Series, n: int) -> pd.Series:
        w = weights[:n]
        return values.rolling(n).apply(lambda x: (x * w).sum() / w.sum(), raw=True)

    log = np.log
    parkinson = log(high / low) ** 2 / (4 * log(2))
    opened = pd.Series(OPEN)
    garman = log(high / low) ** 2 / 2 - (2 * log(2) - 1) * log(close / opened) ** 2
    rogers = log(high / close) * log(high / opened) + log(low / close) * log(low / opened)
    k = 0.34 / (1.34 + 21 / 19)
    night, day = log(opened / close.shift()), log(close / opened)
    within = rogers.where(night.notna()).rolling(20).mean()
    yang = night.rolling(20).var() + k * day.rolling(20).var() + (1 - k) * within
    back = log(close / close.shift())
    money = volume * ((close - low) - (high - close)) / (high - low)
    signed = 2 * pd.Series(BOUGHT) - volume
    middle = (high.rolling(26).max() + low.rolling(26).min()) / 2
    wanted = {
        ("hma(16)", ""): wma(2 * wma(close, 8) - wma(close, 16), 4),
        ("ichimoku", "base"): middle,
        ("zscore(20)", ""): (close - close.rolling(20).mean()) / close.rolling(20).std(ddof=0),
        ("bbands(20, 2)", "width"): 4 * close.rolling(20).std(ddof=0) / close.rolling(20).mean(),
        ("keltner(20, 10, 2)", "upper"): pd.Series(
            talib.EMA(CLOSE, 20) + 2 * talib.ATR(HIGH, LOW, CLOSE, 10)
        ),
        ("realised(20)", ""): (back**2).rolling(20).mean() ** 0.5,
        ("parkinson(20)", ""): parkinson.rolling(20).mean() ** 0.5,
        ("garman_klass(20)", ""): garman.rolling(20).mean() ** 0.5,
        ("rogers_satchell(20)", ""): rogers.rolling(20).mean() ** 0.5,
        ("yang_zhang(20)", ""): yang**0.5,
        ("ewma_vol(0.94)", ""): (back**2).ewm(alpha=0.06, adjust=False).mean() ** 0.5,
        ("cmf(20)", ""): money.rolling(20).sum() / volume.rolling(20).sum(),
        ("vwap(20)", ""): notional.rolling(20).sum() / volume.rolling(20).sum(),
        ("flow(10)", ""): signed.rolling(10).sum() / volume.rolling(10).sum(),
    }
    for (text, output), series in wanted.items():
        defined = series.notna().to_numpy()
        assert defined.sum() > 1400, text
        found = one(text, output)
        np.testing.assert_allclose(found[defined], series[defined], rtol=1e-7, err_msg=text)


def test_a_supertrend_follows_below_a_rise_and_above_a_fall() -> None:
    close = np.concatenate((np.linspace(100, 200, 100), np.linspace(200, 100, 100)))
    columns = np.array([close, close + 1, close - 1, close, *np.ones((5, 200))])
    line, side = over((parse("supertrend(10, 3)"),), columns)
    assert side[50] == 1
    assert line[50] < close[50]
    assert side[150] == -1
    assert line[150] > close[150]
    turned = np.flatnonzero(np.diff(side[20:]))
    assert len(turned) == 1


def test_an_anchored_vwap_begins_anew_with_each_period() -> None:
    found = one("anchored_vwap(3600)")
    hour = np.floor(TIME / 3600)
    for chosen in (hour == hour[100], hour == hour[500]):
        money, volume = np.cumsum(NOTIONAL[chosen]), np.cumsum(VOLUME[chosen])
        traded = volume > 0
        np.testing.assert_allclose(found[chosen][traded], (money / volume.clip(1))[traded])


@settings(max_examples=30)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=12), st.integers(0, 1000))
def test_bars_may_come_one_by_one_or_at_once(pieces: list[int], seed: int) -> None:
    columns, program = bars(sum(pieces), seed), Program(ALL)
    state, found, at = program.empty_state(), [], 0
    for piece in pieces:
        found.append(program.fold(np.ascontiguousarray(columns[:, at : at + piece]), state))
        at += piece
    np.testing.assert_array_equal(np.concatenate(found, axis=1), over(ALL, columns))


def test_what_indicators_share_is_for_each_what_it_is_alone() -> None:
    sharing = tuple(asked for asked in ALL if asked.indicator.step)
    apart = ("zscore(10)", "zscore(20, of=volume)", "ewma_vol(of=volume)", "vpin(5, 900, 20)")
    asked = (*sharing, *map(parse, apart))
    alone = np.concatenate([over((one,), BARS) for one in asked])
    np.testing.assert_array_equal(over(asked, BARS), alone)


def test_what_is_shared_is_made_once() -> None:
    steps, indicators = jobs(tuple(map(parse, ("stddev", "bbands", "zscore(10)", "sma"))), 9)
    assert [(step.params[0], step.rows) for step in steps] == [(20, 2), (10, 2)]
    assert [job.params[-1] for job in indicators[:3]] == [9, 9, 11]


def test_outputs_go_to_the_array_that_is_given() -> None:
    program = Program(ALL[:5])
    room = np.empty((len(program.names), BARS.shape[1]))
    assert program.fold(BARS, program.empty_state(), room) is room
    np.testing.assert_array_equal(room, over(ALL[:5], BARS))
    for wrong in (room[:, :-1], room[::-1]):
        with pytest.raises(ValueError, match="out has the shape"):
            program.fold(BARS, program.empty_state(), wrong)


def test_what_comes_later_changes_nothing() -> None:
    np.testing.assert_array_equal(over(ALL, BARS[:, :700]), over(ALL, BARS)[:, :700])


def test_every_output_is_defined_from_its_warm_up_on_and_not_before() -> None:
    for asked in ALL:
        found = over((asked,), BARS)
        whole = ~np.isnan(found).any(axis=0)
        buckets = 20 if asked.indicator.name == "vpin" else 0  # it waits for volume, too
        assert whole[asked.warm_up - 1 + buckets :].all(), asked.indicator.name
        assert not whole[: asked.warm_up - 1].any(), asked.indicator.name


def test_a_sum_keeps_no_trace_of_a_value_that_left_it() -> None:
    """A spike of ten billion times the usual size, then a market as before."""
    columns = bars(400, 3)
    spiked = columns.copy()
    spiked[VOLUME_ROW, 50] = 1e13
    for text in ("sma(20, of=volume)", "stddev(20, of=volume)", "linreg(20, of=volume)"):
        asked = (parse(text),)
        after, usual = over(asked, spiked)[:, 100:], over(asked, columns)[:, 100:]
        np.testing.assert_allclose(after, usual, rtol=1e-9, atol=1e-9, err_msg=text)


def test_a_market_that_stands_still_makes_no_infinities() -> None:
    still = np.array([*np.full((4, 200), 100.0), *np.zeros((4, 200)), 60.0 * np.arange(200)])
    for asked in ALL:
        found = over((asked,), still)[:, asked.warm_up :]
        if asked.indicator.name == "vpin":  # no bucket was ever filled
            assert np.isnan(found).all()
        else:
            assert np.isfinite(found).all(), asked.indicator.name


def test_windows_of_one_and_parameters_at_their_least_work() -> None:
    for name, one in OF_BARS.items():
        least = ", ".join(f"{p.least:g}" for p in one.parameters)
        found = over((parse(f"{name}({least})"),), BARS)
        assert np.isfinite(found[:, 100:]).all(), name


def test_names_say_how_a_value_was_made() -> None:
    assert parse("macd").names == ("macd_12_26_9", "macd_12_26_9_signal", "macd_12_26_9_hist")
    assert parse("ema(5, of=volume)").names == ("ema_5_volume",)
    assert parse("beta(5)").names == ("beta_5_with_volume",)
    assert parse("beta(5, with=low, of=high)").names == ("beta_5_high_with_low",)
    assert len({name for asked in ALL for name in asked.names}) == len(Program(ALL).names)
    assert sum(map(len, GROUPS.values())) == len(LIBRARY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rsy(14)", "'rsy' is unknown; there are rsi$"),
        ("cdlhamer", "there are cdlhammer$"),
        ("rsi(14", "write name"),
        ("rsi 14)", "write name"),
        ("", "write name"),
        ("rsi(1)", "n 1: from 2"),
        ("rsi(14.5)", "a whole number"),
        ("rsi(x)", "not a number"),
        ("rsi(nan)", "from 2"),
        ("rsi(1, 2)", "takes n; 2 were given"),
        ("ema(20, of=nothing)", "there are open, high"),
        ("atr(14, of=volume)", "cannot be given"),
        ("rsi(14, with=volume)", "cannot be given"),
        ("corr(30, with=open, with=high)", "cannot be given"),
        ("corr(30, with=nothing)", "with=nothing: there are open, high"),
        ("bop(1)", "takes no numbers"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_columns_that_are_not_bars_are_refused() -> None:
    with pytest.raises(ValueError, match=f"indicators take {BAR_COLUMNS[0]}"):
        over(ALL, BARS[:4])


@pytest.mark.parametrize(
    ("indicators", "said"),
    [
        ('["rsy(14)"]', "features.indicators: .* there are rsi$"),
        ('["rsi", "rsi(14)"]', "again"),
    ],
)
def test_a_configuration_with_a_slip_is_refused(indicators: str, said: str, tmp_path: Path) -> None:
    config = tmp_path / "slip.toml"
    config.write_text(f"[features]\nindicators = {indicators}\n")
    with pytest.raises(ConfigError, match=said):
        load(config)
