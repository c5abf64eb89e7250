"""What a reader or writer needs that is not installed by default."""


class MissingExtra(Exception):
    """Says which extra to install."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} need the {extra} extra: pip install 'tickstream[{extra}]'")
