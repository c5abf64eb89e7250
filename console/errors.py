"""What may go wrong at the edge and is reported in one line instead of a traceback."""

from config.settings import ConfigError
from console.broker import BrokerError
from schemas.codec import CodecError
from streams.log import LogError


class Failure(Exception):
    """A command cannot do what it was asked: what, where and what to do."""


class Usage(Failure):
    """The command line asks for something that does not exist; exit code 2."""


REPORTED = (Failure, ConfigError, BrokerError, CodecError, LogError)
