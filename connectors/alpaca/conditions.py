"""Sale conditions of US shares: which prints did not happen at the market's price of their time.

After the consolidated tapes' own tables of what updates the last sale (CTA "Pillar Output
Specification", UTP "Data Feed Services Specification", Sale Conditions). Odd lots are trades here:
they meet the book, though they do not set the last sale.
"""

# cash, price variation, official close and open, next day, prior reference price, seller, sold out
# of sequence in or out of hours, contingent, derivatively priced, qualified contingent, corrected
# consolidated close
_EVERYWHERE = frozenset("CHMNPQRUVZ479")
_AVERAGE_PRICE = {"A": "B", "B": "B", "C": "W", "O": "W"}  # by tape: B is a bunched trade at UTP


def sets_no_price(codes: list[str], tape: str) -> bool:
    return any(code in _EVERYWHERE or code == _AVERAGE_PRICE.get(tape) for code in codes)
