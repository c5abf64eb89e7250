"""The forms of recorded market data that can be played, the first that fits first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from connectors import annotated_capture
from connectors.betfair import form as betfair
from connectors.binance import capture_form as binance
from connectors.binance import public_form as binance_public
from connectors.compressed import Tell, nobody
from connectors.databento import form as databento
from connectors.dukascopy import form as dukascopy
from connectors.itch import form as itch
from connectors.lake import form as lake
from connectors.lake.order import SPAN_NS
from connectors.lobster import form as lobster
from connectors.mapped import form as mapped
from connectors.piece import Piece
from connectors.selection import EVERYTHING, Selection, chosen
from connectors.tardis import form as tardis
from connectors.truefx import form as truefx


class Form(NamedTuple):
    """``recognise`` says what a file is called in this form, or None; ``pieces`` reads it."""

    reads: str
    recognise: Callable[[Path], str | None]
    pieces: Callable[[Path, Tell], Iterator[Piece]]


FORMS = (
    Form("mappings in TOML of your own CSV or Parquet", mapped.recognise, mapped.pieces),
    Form("Binance public data (zip)", binance_public.recognise, binance_public.pieces),
    Form("Dukascopy ticks (.bi5, a file or a folder)", dukascopy.recognise, dukascopy.pieces),
    Form("Databento DBN (mbo, trades, mbp-1, mbp-10)", databento.recognise, databento.pieces),
    Form("NASDAQ ITCH 5.0", itch.recognise, itch.pieces),
    Form("LOBSTER message files", lobster.recognise, lobster.pieces),
    Form("Betfair stream files", betfair.recognise, betfair.pieces),
    Form("Tardis CSV", tardis.recognise, tardis.pieces),
    Form("TrueFX ticks (CSV)", truefx.recognise, truefx.pieces),
    Form(
        "captures of a live feed, ours or cryptofeed's, a file or a folder of one venue",
        annotated_capture.recognise,
        annotated_capture.pieces,
    ),
    Form(
        "recordings of Binance spot and futures (lines of 'receive time, space, message')",
        binance.recognise,
        binance.pieces,
    ),
)


class UnknownForm(ValueError):
    """No form recognises the file."""


def recognise(
    path: Path,
    tell: Tell = nobody,
    wanted: Selection = EVERYTHING,
    span_ns: int = SPAN_NS,
) -> tuple[str, Iterator[Piece]]:
    """What the file is, and what is in it of what is wanted; a lake's frames hold at most
    ``span_ns``. Raises OSError when it is not there,
    UnknownForm, and LakeError."""
    if name := lake.recognise(path):
        return name, lake.pieces(path, tell, wanted, span_ns)  # reads no more than is wanted
    for form in FORMS:
        if name := form.recognise(path):
            return name, chosen(form.pieces(path, tell), wanted)
    known = "; ".join(["lakes", *(form.reads for form in FORMS)])
    raise UnknownForm(f"{path}: is not recognised; what can be read, also compressed: {known}")
