"""Market data from a lake, in the order in which it came."""
