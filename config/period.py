"""Spans of time that defaults name."""

from streams.operators.period import Period as Period

NO_TIME, SECOND, MINUTE = Period(0), Period(10**9), Period(60 * 10**9)
HALF_A_MINUTE = Period(30 * 10**9)
