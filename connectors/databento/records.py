"""Databento Binary Encoding (DBN, versions 1 to 3): records of fixed size as numpy rows.

Layouts after Databento's documentation ("Databento Binary Encoding", "Schemas and data formats").
Prices have nine decimals, sizes none; ``UNDEF_PRICE`` means none.
"""

import numpy as np

_HEADER = [
    ("length", "u1"),
    ("rtype", "u1"),
    ("publisher_id", "<u2"),
    ("instrument_id", "<u4"),
    ("ts_event", "<u8"),
]
_TIMES = [("ts_recv", "<u8"), ("ts_in_delta", "<i4"), ("sequence", "<u4")]
_LEVEL = [
    ("bid_px", "<i8"),
    ("ask_px", "<i8"),
    ("bid_sz", "<u4"),
    ("ask_sz", "<u4"),
    ("bid_ct", "<u4"),
    ("ask_ct", "<u4"),
]
_MBO = [
    *_HEADER,
    ("order_id", "<u8"),
    ("price", "<i8"),
    ("size", "<u4"),
    ("flags", "u1"),
    ("channel_id", "u1"),
    ("action", "S1"),
    ("side", "S1"),
    *_TIMES,
]
_TRADE = [
    *_HEADER,
    ("price", "<i8"),
    ("size", "<u4"),
    ("action", "S1"),
    ("side", "S1"),
    ("flags", "u1"),
    ("depth", "u1"),
    *_TIMES,
]

UNDEF_PRICE = 2**63 - 1
MBO, TRADES, MBP_1, MBP_10 = 160, 0, 1, 10
DTYPES = {
    MBO: np.dtype(_MBO),
    TRADES: np.dtype(_TRADE),
    MBP_1: np.dtype([*_TRADE, ("levels", _LEVEL, (1,))]),
    MBP_10: np.dtype([*_TRADE, ("levels", _LEVEL, (10,))]),
}
