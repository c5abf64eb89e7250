"""OANDA's live and practice environments as venues."""

from connectors.access import Access
from connectors.oanda.codec import OandaCodec
from connectors.oanda.instruments import VENUE, listings
from connectors.trading.credentials import Credentials, KeysError
from connectors.venue import Limits, Place, Reads, Venue


def access(keys: Credentials) -> Access:
    """Raises KeysError."""
    if not keys.extra:
        raise KeysError(
            "OANDA wants the id of an account, such as 101-004-1234567-001: set "
            "TICKSTREAM_OANDA_EXTRA, or write 'extra = …' beside the key"
        )
    headers = {"Authorization": f"Bearer {keys.key}", "Accept-Datetime-Format": "RFC3339"}
    return Access(headers, account=keys.extra)


def _venue(title: str, environment: str) -> Venue:
    hosts = f"stream-{environment}.oanda.com", f"api-{environment}.oanda.com"
    return Venue(
        VENUE,
        title,
        Place(f"https://{hosts[0]}", f"https://{hosts[1]}"),
        OandaCodec,
        (Reads("/v3/accounts/{account}/instruments", listings),),
        Limits(100, (1, 1.0), (100, 1.0)),
        heartbeat_s=5.0,
        poll_s=60.0,
        access=access,
        secret=False,
        hosts=hosts,
        example="EUR-USD",
        channels=("pricing stream", "candles (asked for)"),
        recovery="a book that does not come: asked for by REST",
        keys=(
            "`TICKSTREAM_OANDA_KEY` (the token) and `TICKSTREAM_OANDA_EXTRA` (the account's id), "
            "or the file `var/keys/oanda`"
        ),
        documentation="https://developer.oanda.com/rest-live-v20/pricing-ep/",
        licence="OANDA's API licence agreement; for one's own use, no redistribution",
        notes=(
            "Prices are OANDA's own, with what it deals at each; at most four a second are sent.",
            "The line is an HTTP answer without an end, not a WebSocket.",
            "Twenty streams are allowed at a time from one address.",
        ),
    )


OANDA = _venue("OANDA", "fxtrade")
OANDA_PRACTICE = _venue("OANDA practice", "fxpractice")
