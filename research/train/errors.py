"""What may go wrong in training."""


class TrainError(Exception):
    """A model cannot be made of this: what is wrong, where, and what to change."""
