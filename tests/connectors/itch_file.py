"""ITCH 5.0 messages, encoded by the specification's tables, and an obvious order book that sends
them and says what a reader must make of them."""

import struct
from typing import Any

from schemas.enums import StatusKind
from schemas.frames import ADD, CANCEL, EXECUTE

Row = tuple[Any, ...]


def framed(message: bytes) -> bytes:
    return struct.pack(">H", len(message)) + message


def encode(kind: str, locate: int, ts: int, layout: str, *values: Any) -> bytes:
    """Type, locate, tracking number, six bytes of time, and the rest."""
    header = struct.pack(">cHHHI", kind.encode(), locate, 7, ts >> 32, ts & 0xFFFFFFFF)
    return framed(header + struct.pack(">" + layout, *values))


def symbol(locate: int) -> bytes:
    return b"%-8s" % (b"SYM%d" % locate)


def side_byte(side: int) -> bytes:
    return b"B" if side > 0 else b"S"


def directory(locate: int) -> bytes:
    rest = (b"Q", b"N", 100, b"N", b"C", b"Z ", b"P", b"N", b"N", b"1", b"N", 0, b"N")
    return encode("R", locate, 1, "8sccIcc2scccccIc", symbol(locate), *rest)


class NaiveVenue:
    """``told`` has what was told of an instrument, by name: ("order", ts, seq, action, side, id,
    price, size), ("trade", ts, id, price, size, side) or ("status", ts, kind)."""

    def __init__(self, locates: int, hidden_sides: bool = False) -> None:
        self.file = b"".join(map(directory, range(1, locates + 1)))
        self.seq = locates
        self.orders: dict[int, list[int]] = {}  # id → [locate, side, price, left]
        self.told: dict[str, list[Row]] = {f"NASDAQ:SYM{n}": [] for n in range(1, locates + 1)}
        self.hidden_sides = hidden_sides

    def send(self, message: bytes) -> None:
        self.file += message
        self.seq += 1

    def order(self, locate: int, ts: int, *row: int) -> None:
        self.told[f"NASDAQ:SYM{locate}"].append(("order", ts, self.seq, *row))

    def trade(self, locate: int, ts: int, *row: int) -> None:
        self.told[f"NASDAQ:SYM{locate}"].append(("trade", ts, *row))

    def add(
        self, locate: int, ts: int, id_: int, side: int, price: int, size: int, mpid: bool
    ) -> None:
        values = (id_, side_byte(side), size, symbol(locate), price)
        layout = "QcI8sI4s" if mpid else "QcI8sI"
        self.send(encode("F" if mpid else "A", locate, ts, layout, *values, *[b"MPID"] * mpid))
        self.orders[id_] = [locate, side, price, size]
        self.order(locate, ts, ADD, side, id_, price, size)

    def fill(self, ts: int, id_: int, size: int, match: int) -> None:
        locate, side, price = self.shrink(id_, size)
        self.send(encode("E", locate, ts, "QIQ", id_, size, match))
        self.order(locate, ts, EXECUTE, side, id_, price, size)
        self.trade(locate, ts, match, price, size, -side)

    def fill_at(
        self, ts: int, id_: int, size: int, match: int, price: int, printable: bool
    ) -> None:
        locate, side, resting = self.shrink(id_, size)
        shown = b"Y" if printable else b"N"
        self.send(encode("C", locate, ts, "QIQcI", id_, size, match, shown, price))
        self.order(locate, ts, EXECUTE, side, id_, resting, size)
        if printable:
            self.trade(locate, ts, match, price, size, -side)

    def cancel(self, ts: int, id_: int, size: int) -> None:
        locate, side, price = self.shrink(id_, size)
        self.send(encode("X", locate, ts, "QI", id_, size))
        self.order(locate, ts, CANCEL, side, id_, price, size)

    def delete(self, ts: int, id_: int) -> None:
        locate, side, price, left = self.orders.pop(id_)
        self.send(encode("D", locate, ts, "Q", id_))
        self.order(locate, ts, CANCEL, side, id_, price, left)

    def replace(self, ts: int, id_: int, new_id: int, price: int, size: int) -> None:
        locate, side, old_price, left = self.orders.pop(id_)
        self.send(encode("U", locate, ts, "QQII", id_, new_id, size, price))
        self.orders[new_id] = [locate, side, price, size]
        self.order(locate, ts, CANCEL, side, id_, old_price, left)
        self.order(locate, ts, ADD, side, new_id, price, size)

    def hidden(self, locate: int, ts: int, side: int, price: int, size: int, match: int) -> None:
        values = (0, side_byte(side), size, symbol(locate), price, match)
        self.send(encode("P", locate, ts, "QcI8sIQ", *values))
        self.trade(locate, ts, match, price, size, -side if self.hidden_sides else 0)

    def cross(self, locate: int, ts: int, price: int, size: int, match: int) -> None:
        self.send(encode("Q", locate, ts, "Q8sIQc", size, symbol(locate), price, match, b"O"))
        if size:
            self.trade(locate, ts, match, price, size, 0)

    def state(self, locate: int, ts: int, state: str) -> None:
        self.send(encode("H", locate, ts, "8scc4s", symbol(locate), state.encode(), b" ", b"T1  "))
        paused = StatusKind.HALTED
        kinds = {"T": StatusKind.TRADING, "H": paused, "P": paused, "Q": StatusKind.AUCTION}
        self.told[f"NASDAQ:SYM{locate}"].append(("status", ts, kinds[state]))

    def unknown(self, ts: int, locate: int, kind: str, id_: int, size: int) -> None:
        """About an order that nobody added."""
        left = {"X": size, "E": size, "C": size}.get(kind, 0)
        layout, values = {
            "X": ("QI", (id_, size)),
            "E": ("QIQ", (id_, size, 5)),
            "C": ("QIQcI", (id_, size, 5, b"Y", 777)),
            "D": ("Q", (id_,)),
            "U": ("QQII", (id_, id_ + 1, size, 123)),
        }[kind]
        self.send(encode(kind, locate, ts, layout, *values))
        self.order(locate, ts, EXECUTE if kind in "EC" else CANCEL, 0, id_, 0, left)
        if kind == "C":
            self.trade(locate, ts, 5, 777, size, 0)

    def shrink(self, id_: int, size: int) -> tuple[int, int, int]:
        order = self.orders[id_]
        order[3] -= size
        if order[3] == 0:
            del self.orders[id_]
        return order[0], order[1], order[2]
