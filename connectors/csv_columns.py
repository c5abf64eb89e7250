"""Tables of text → exact integers, a column at a time."""

from typing import Any

import numpy as np

_DECIMAL = r"^\s*(?P<sign>[-+]?)(?P<whole>\d+)(?:\.(?P<part>\d*?)0*)?\s*$"


def read(data: bytes, names: list[str] | None, delimiter: str = ",") -> Any:
    """A CSV as an Arrow table of strings; ``names`` where it has no header. Raises ValueError."""
    import pyarrow as pa  # takes 0.3 s
    from pyarrow import csv

    try:
        header = names or _header(data, delimiter)
        return csv.read_csv(
            pa.py_buffer(data),
            read_options=csv.ReadOptions(column_names=names, block_size=max(len(data), 1 << 20)),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() for name in header}, strings_can_be_null=False
            ),
        )
    except pa.ArrowException as error:
        raise ValueError(f"is no table of {delimiter!r}-separated values: {error}") from error


def _header(data: bytes, delimiter: str) -> list[str]:
    line = data.partition(b"\n")[0].decode(errors="replace").strip()
    return [name.strip('"') for name in line.split(delimiter)]


def integers(column: Any) -> Any:
    """Whole numbers as int64. Raises ValueError."""
    import pyarrow as pa

    try:
        return flat(column).cast(pa.int64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise ValueError(f"is not a whole number: {error}") from error


def decimals(columns: list[Any], least: int = 0) -> tuple[list[Any], int]:
    """Exact integers at one scale, that of the number with the most decimals. Raises ValueError for
    what is no plain decimal, and beyond 64 bits."""
    import pyarrow as pa
    from pyarrow import compute as pc

    parts = [pc.extract_regex(flat(column), pattern=_DECIMAL) for column in columns]
    for column, found in zip(columns, parts, strict=True):
        if found.null_count:
            at = int(np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))[0])
            raise ValueError(f"{flat(column)[at].as_py()!r} is not a decimal")
    lengths = [pc.max(pc.utf8_length(found.field("part"))).as_py() or 0 for found in parts]
    scale = max([least, *lengths])
    made = []
    for found in parts:
        digits = pc.utf8_rpad(pc.fill_null(found.field("part"), ""), scale, "0")
        sign = pc.replace_substring(found.field("sign"), "+", "")
        whole = pc.binary_join_element_wise(sign, found.field("whole"), digits, "")
        try:
            made.append(whole.cast(pa.int64()).to_numpy(zero_copy_only=False))
        except pa.ArrowInvalid as error:
            raise ValueError(f"a number is beyond 64 bits at {scale} decimals") from error
    return made, scale


def flat(column: Any) -> Any:
    """A column in one piece."""
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
