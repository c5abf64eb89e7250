"""What no type can say of a configuration. Each check names the file, the key and what to write."""

from typing import Any

from config.account_tree import CRYPTO, VENUES
from config.errors import ConfigError
from config.execution_tree import ALGORITHMS
from config.features import features_of
from config.groups import check_groups
from config.models_tree import named_models
from config.tree import Market, PaperVenue, Settings
from streams.operators.execution.params import CANCEL, TAKE
from streams.operators.features.features import feature_names
from streams.operators.features.indicators.asked import parse as parse_indicator
from streams.operators.features.models.slot import plan
from streams.operators.market.bars import parse
from streams.operators.paper_venue.latency import MODELS
from streams.operators.paper_venue.venue import QUEUE_MODELS, SELF_TRADES, STOP_TRIGGERS


def check(settings: Settings, where: str) -> None:
    """What no type can say."""
    market, features = settings.market, settings.features
    if features.bar not in market.bars:
        raise ConfigError(f"{where}: features.bar {features.bar!r} must be among market.bars")
    if not 1 <= market.levels <= 1000:
        raise ConfigError(f"{where}: market.levels {market.levels} must lie in 1 … 1000")
    _check_bars(market, where)
    _check_indicators(features.indicators, market.levels, where)
    _check_models(settings, where)
    _check_strategies(settings, where)
    _check_baskets(settings, where)
    check_groups(settings, where)
    _check_execution(settings, where)
    _check_paper_venue(settings.paper_venue, where)
    _check_venues(settings, where)


def _check_strategies(settings: Settings, where: str) -> None:
    for name, strategy in settings.strategies.items():
        if strategy.account not in settings.accounts:
            raise ConfigError(
                f"{where}: strategies.{name}.account {strategy.account!r} has no [accounts.…]"
            )
    try:
        features_of(settings)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error


def _check_venues(settings: Settings, where: str) -> None:
    for account, at in settings.accounts.items():
        if at.venue not in VENUES:
            raise ConfigError(
                f"{where}: accounts.{account}.venue {at.venue!r}: use one of {', '.join(VENUES)}"
            )
        if at.venue in CRYPTO and not at.currency:
            raise ConfigError(
                f"{where}: accounts.{account}.currency is missing: {at.venue} names the currency "
                'of each fee, and without one of its own (currency = "USDT", "USD" …) the account '
                "would open nothing after its first fill"
            )
        if at.live and (at.venue == "paper" or at.url):
            raise ConfigError(
                f"{where}: accounts.{account} cannot be live: the paper venue and a url of one's "
                "own never are; leave live or the other out"
            )


def _check_paper_venue(venue: PaperVenue, where: str) -> None:
    choices = {
        "latency_model": MODELS,
        "report_latency_model": MODELS,
        "queue_model": tuple(QUEUE_MODELS),
        "stop_trigger": STOP_TRIGGERS,
        "self_trade": tuple(SELF_TRADES),
    }
    for key, known in choices.items():
        value = getattr(venue, key)
        if value not in known:
            raise ConfigError(f"{where}: paper_venue.{key} {value!r}: use {' or '.join(known)}")
    if not 1 <= venue.queue_power <= 10:
        raise ConfigError(
            f"{where}: paper_venue.queue_power {venue.queue_power} must lie in 1 … 10"
        )
    if not 0 <= venue.hidden <= 10:
        raise ConfigError(f"{where}: paper_venue.hidden {venue.hidden} must lie in 0 … 10")
    if venue.carry_interval <= 0:
        raise ConfigError(f"{where}: paper_venue.carry_interval must be longer than nothing")


def _check_baskets(settings: Settings, where: str) -> None:
    """An instrument belongs to one basket, because what a basket is told names the instrument."""
    basket_of: dict[str, str] = {}
    for basket, members in settings.baskets.items():
        if len(members) < 2:
            raise ConfigError(f"{where}: baskets.{basket} needs at least two instruments")
        for name in members:
            if name in basket_of:
                raise ConfigError(
                    f"{where}: {name} stands in baskets.{basket_of[name]} and baskets.{basket}; "
                    "an instrument belongs to one basket, once"
                )
            basket_of[name] = basket
    levels, most = settings.consolidated.levels, settings.market.levels
    if settings.baskets and not 1 <= levels <= most:
        raise ConfigError(
            f"{where}: consolidated.levels {levels} must lie in 1 … {most}, market.levels"
        )


def _check_execution(settings: Settings, where: str) -> None:
    execution = settings.execution
    if execution.bar not in settings.market.bars:
        raise ConfigError(f"{where}: execution.bar {execution.bar!r} must be among market.bars")
    if execution.terms.remainder not in (CANCEL, TAKE):
        raise ConfigError(f"{where}: execution.terms.remainder: use {CANCEL} or {TAKE}")
    blocks: dict[str, Any] = {
        name: getattr(execution, name) for name in ("curve", *ALGORITHMS.values())
    }
    for name, block in blocks.items():
        try:
            block.check()
        except ValueError as error:
            raise ConfigError(f"{where}: execution.{name}: {error}") from error


def _check_indicators(texts: tuple[str, ...], levels: int, where: str) -> None:
    seen: dict[str, str] = {}
    for text in texts:
        try:
            asked = parse_indicator(text)
        except ValueError as error:
            raise ConfigError(f"{where}: features.indicators: {error}") from error
        if asked.levels > levels:
            raise ConfigError(
                f"{where}: features.indicators: {text} needs market.levels of {asked.levels}; "
                f"there are {levels}"
            )
        for name in asked.names:
            if name in seen:
                raise ConfigError(f"{where}: features.indicators: {text} is {seen[name]} again")
            seen[name] = text


def _check_models(settings: Settings, where: str) -> None:
    features = feature_names(tuple(map(parse_indicator, settings.features.indicators)))
    try:
        plan(named_models(settings.models), features)
    except ValueError as error:
        raise ConfigError(f"{where}: models.{error}") from error
    evaluation = settings.evaluation
    if evaluation.period <= 0 or evaluation.drift_period <= 0:
        raise ConfigError(f"{where}: evaluation: periods must be longer than nothing")
    if not 0 <= evaluation.drift_reference <= 100_000:
        raise ConfigError(f"{where}: evaluation.drift_reference must lie in 0 … 100000")


def _check_bars(market: Market, where: str) -> None:
    if market.empty_bars not in ("skip", "flat"):
        raise ConfigError(f"{where}: market.empty_bars {market.empty_bars!r}: use skip or flat")
    if not 0 <= market.kept_bars <= 1000:
        raise ConfigError(f"{where}: market.kept_bars {market.kept_bars} must lie in 0 … 1000")
    years = market.session_years
    if len(years) != 2 or not 1970 <= years[0] <= years[1] <= 2200:
        raise ConfigError(
            f"{where}: market.session_years {list(years)}: use the first and the last year, from "
            "1970 to 2200"
        )
    try:
        for bar in market.bars:
            parse(bar)
    except ValueError as error:
        raise ConfigError(f"{where}: market.bars: {error}") from error
    for pattern, hours in market.sessions.items():
        try:
            hours.check()
        except ValueError as error:
            raise ConfigError(f"{where}: market.sessions.{pattern!r}: {error}") from error
