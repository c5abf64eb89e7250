"""The one error of this package: a broker could not be found, fetched or started."""


class BrokerError(Exception):
    """Says which broker, what went wrong and what to do about it."""
