"""A span of time, as settings write it."""


class Period(int):
    """Nanoseconds, written as ``250ms``, ``1s``, ``5m`` …"""


NO_TIME, SECOND, MINUTE = Period(0), Period(10**9), Period(60 * 10**9)
