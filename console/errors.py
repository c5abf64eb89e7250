"""The error of the console itself; ``console/reported.py`` lists those of all parts."""


class Failure(Exception):
    """A command cannot do what it was asked: what, where and what to do."""
