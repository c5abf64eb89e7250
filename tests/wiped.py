"""A broker as it was at its start: a wipe takes a moment, a start five seconds of a processor."""

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from streams.kafka import client
from tests.waiting import wait_for

_STATIC = "tickstream-trade-"  # an adapter's group: its members never leave, but hold no offsets


def wipe(bootstrap: str) -> None:
    """Deletes all topics, and all groups with their offsets, once nobody reads any more."""
    admin = AdminClient(client(bootstrap))
    if topics := _topics(admin):
        for deleted in admin.delete_topics(topics, operation_timeout=120).values():
            deleted.result()
    wait_for(lambda: not _topics(admin))
    wait_for(lambda: not _groups_in_use(admin))  # who was killed stays for up to ten seconds


def _topics(admin: AdminClient) -> list[str]:
    """All but the broker's own."""
    return [name for name in admin.list_topics(timeout=120).topics if not name.startswith("_")]


def _groups_in_use(admin: AdminClient) -> list[str]:
    """Those that cannot be deleted yet; the others are."""
    listed = [group.group_id for group in admin.list_consumer_groups().result().valid]
    groups = [name for name in listed if not name.startswith(_STATIC)]
    in_use = []
    for name, deleted in admin.delete_consumer_groups(groups).items() if groups else ():
        try:
            deleted.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.NON_EMPTY_GROUP:
                raise
            in_use.append(name)
    return in_use
