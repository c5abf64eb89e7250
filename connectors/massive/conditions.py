"""Trade conditions of Massive's stocks, as numbers: which prints set no price (GET
/v3/reference/conditions: neither high and low nor open and close are updated by them). Odd lots
(37) are trades here: they meet the book."""

_NO_PRICE = frozenset(
    (
        2,  # average price
        7,  # cash
        10,  # derivatively priced
        13,  # extended hours, sold out of sequence
        15,  # official close of a market center
        16,  # its official open
        20,  # next day
        21,  # price variation
        22,  # prior reference price
        29,  # seller
        32,  # sold, out of sequence
        38,  # corrected consolidated close
        52,  # contingent
        53,  # qualified contingent
    )
)


def sets_no_price(codes: list[int]) -> bool:
    return any(code in _NO_PRICE for code in codes)
