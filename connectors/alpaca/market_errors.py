"""What Alpaca's data streams say is wrong, and what is to be done (docs.alpaca.markets, WebSocket
Stream, "Errors")."""

from typing import Any

from connectors.codec import Events
from connectors.events import GiveUp, Reconnect, Rejected

_GIVE_UP = {
    402: "check TICKSTREAM_ALPACA_KEY and TICKSTREAM_ALPACA_SECRET",
    405: "ask for fewer symbols: the free plan takes 30",
    408: "ask Alpaca to enable market data for this account",
    409: "the plan does not include this feed; try the venue alpaca (IEX)",
    410: "this feed does not have such a channel",
}
_ANEW_AFTER_S = {  # another process has the one connection that most plans allow: 406
    401: 1.0,
    404: 1.0,
    406: 30.0,
    407: 0.0,
    500: 5.0,
}


def told(message: dict[str, Any], data: bytes) -> Events:
    """Always a dead letter; and the end of the line, or of the feed, where it is of no use."""
    code, text = int(message["code"]), f"Alpaca says: {message.get('msg')} ({message['code']})"
    events: Events = [Rejected(text, data)]
    if code in _GIVE_UP:
        events.append(GiveUp(f"{text}; {_GIVE_UP[code]}"))
    elif code in _ANEW_AFTER_S:
        events.append(Reconnect(text, _ANEW_AFTER_S[code]))
    return events
