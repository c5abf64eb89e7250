"""Columns of times as text → ns since the epoch, UTC."""

from typing import Any

from connectors import csv_columns

UNITS = {"s": 9, "ms": 6, "us": 3, "ns": 0}
ISO = "iso"


def times(column: Any, form: str, zone: str = "UTC") -> Any:
    """``form``: ``iso``; a unit since 1970 (s, ms, us, ns; decimals are exact); or a format of
    strptime, with a fraction of a second behind it or without. ``zone`` holds where the text names
    none; a time that daylight saving skips or repeats is refused. Raises ValueError."""
    import pyarrow as pa

    if form in UNITS:
        (values,), scale = csv_columns.decimals([column])
        if scale > UNITS[form]:
            raise ValueError(f"times in {form} have {scale} decimals: finer than ns")
        return values * 10 ** (UNITS[form] - scale)
    try:
        found = _iso(column) if form == ISO else _formatted(column, form)
        return _utc(found, zone).cast(pa.int64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise ValueError(f"a time is not of the form {form!r}: {error}") from error


def _iso(column: Any) -> Any:
    import pyarrow as pa
    from pyarrow import compute as pc

    text = csv_columns.flat(column)
    zoned = len(text) and pc.match_substring_regex(text[:1], r"(?:Z|[+-]\d\d:?\d\d)$")[0].as_py()
    return text.cast(pa.timestamp("ns", "UTC") if zoned else pa.timestamp("ns"))


def _formatted(column: Any, form: str) -> Any:
    import pyarrow as pa
    from pyarrow import compute as pc

    split = pc.extract_regex(
        csv_columns.flat(column), pattern=r"^(?P<whole>[^.]*)(?:\.(?P<part>\d{1,9}))?$"
    )
    seconds = pc.strptime(split.field("whole"), format=form, unit="s")
    part = pc.fill_null(split.field("part"), "")
    rest = pc.utf8_rpad(part, 9, "0").cast(pa.int64())
    whole = pc.multiply(seconds.cast(pa.int64()), 10**9)
    return pc.add(whole, rest).cast(pa.timestamp("ns"))


def _utc(found: Any, zone: str) -> Any:
    from pyarrow import compute as pc

    if found.null_count:
        raise ValueError("a time is missing")
    return found if found.type.tz else pc.assume_timezone(found, zone)
