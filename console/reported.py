"""What may go wrong at the edge and is reported in one line instead of a traceback. Imported only
when something did: it knows every part, and most commands need few."""

from config.errors import ConfigError
from connectors.access import Denied
from connectors.download import DownloadError
from connectors.extras import MissingExtra
from connectors.forms import UnknownForm
from connectors.mapped.mapping import MappingError
from connectors.reference import NoReference
from connectors.trading.credentials import KeysError
from connectors.trading.session import VenueRefuses
from console.broker import BrokerError
from console.errors import Failure
from research.train.errors import TrainError
from schemas.codec import CodecError
from schemas.lake.layout import LakeError
from sinks.clickhouse.errors import SinkError
from streams.log import LogError
from streams.operators.features.models.predictor import ModelError

REPORTED = (
    Failure,
    ConfigError,
    BrokerError,
    DownloadError,
    CodecError,
    LakeError,
    LogError,
    SinkError,
    TrainError,
    UnknownForm,
    MissingExtra,
    NoReference,
    Denied,
    MappingError,
    FileNotFoundError,
    KeysError,
    VenueRefuses,
    ModelError,
)
