"""A span of time, as settings write it and operators count it."""


class Period(int):
    """Nanoseconds, written as ``250ms``, ``1s``, ``5m`` …"""
