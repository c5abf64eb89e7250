"""A schema registry for the codec, through confluent-kafka's client.

Subjects are record names (Confluent's RecordNameStrategy): one topic carries several schemas.
"""

import json
from typing import Any

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from schemas import catalog
from streams.log import LogError


class SchemaRegistry:
    """What ``schemas.codec.Codec`` needs of a registry. Every call raises LogError when the
    registry does not answer or refuses."""

    def __init__(self, client: SchemaRegistryClient) -> None:
        self._client = client

    def register(self, name: str, schema: catalog.Schema) -> int:
        """The id of a schema, registered under its record name when it is new."""
        try:
            return int(self._client.register_schema(name, Schema(json.dumps(schema), "AVRO")))
        except (SchemaRegistryError, OSError) as error:
            raise LogError(f"schema registry refuses {name}: {error}") from error

    def schema(self, schema_id: int) -> catalog.Schema:
        """The schema of an id."""
        try:
            found: Any = self._client.get_schema(schema_id)
        except (SchemaRegistryError, OSError) as error:
            raise LogError(f"schema registry has no schema {schema_id}: {error}") from error
        schema: catalog.Schema = json.loads(found.schema_str)
        return schema


def connect(url: str) -> SchemaRegistry:
    """The registry at a URL."""
    return SchemaRegistry(SchemaRegistryClient({"url": url}))
