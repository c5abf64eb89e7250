"""The names of instruments: one rule for every venue.

- What is a base and a quote currency and nothing else (spot) is ``VENUE:BASE-QUOTE``.
- Everything else (perpetuals, futures, options, shares) is ``VENUE:SYMBOL``, as the venue has it.
- A currency has the code that most venues use; a venue with codes of its own says which they are.

The venue's reference data tells base and quote. Where there is none, as in an old recording, a
symbol without a separator is split before the currency that it ends with.
"""

from collections.abc import Mapping

ALIASES = {"XBT": "BTC", "XDG": "DOGE"}
# what spot instruments are quoted in; a longer code comes before one that it ends with
_STABLE = (
    "FDUSD",
    "RLUSD",
    "PYUSD",
    "USDT",
    "USDC",
    "USDG",
    "USDQ",
    "EURQ",
    "GUSD",
    "EURT",
    "EURC",
)
_MONEY = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "SGD", "HKD", "BRL", "TRY")
_MORE_MONEY = ("MXN", "ARS", "PLN", "RON", "ZAR", "UAH", "CZK", "AED", "INR", "KRW")
_COINS = ("DOGE", "DAI", "UST", "BTC", "XBT", "ETH", "BNB", "FIL", "LTC", "BCH", "XRP", "TRX")
QUOTES = (*_STABLE, *_MONEY, *_MORE_MONEY, *_COINS, "SOL", "PAX")


def spot(venue: str, base: str, quote: str, aliases: Mapping[str, str] = ALIASES) -> str:
    """``KRAKEN``, ``XBT``, ``usd`` → ``KRAKEN:BTC-USD``."""
    return f"{venue}:{code(base, aliases)}-{code(quote, aliases)}"


def code(currency: str, aliases: Mapping[str, str] = ALIASES) -> str:
    """``xbt`` → ``BTC``; a code in both cases (``AAPLx``, a token of a share) means them."""
    upper = currency.upper() if currency.islower() else currency
    return aliases.get(upper, upper)


def split(symbol: str, quotes: tuple[str, ...] = QUOTES) -> tuple[str, str] | None:
    """``BTCUSDT`` → ``BTC`` and ``USDT``; None where it ends with none of the currencies."""
    upper = symbol.upper()
    for quote in quotes:
        if upper.endswith(quote) and len(upper) > len(quote):
            return symbol[: -len(quote)], quote
    return None


def of_symbol(venue: str, symbol: str, aliases: Mapping[str, str] = ALIASES) -> str:
    """The name of a spot symbol without reference data, with a separator (``-``, ``/``, ``:``) or
    without; of another symbol as it is."""
    for separator in "/:-":
        base, found, quote = symbol.partition(separator)
        if found and base and quote.isalnum():
            return spot(venue, base, quote, aliases)
    pair = split(symbol) if symbol.isalnum() else None
    return spot(venue, *pair, aliases) if pair else f"{venue}:{symbol.upper()}"
