"""A broker as it was at its start: a wipe takes a moment, a start five seconds of a processor."""

import time
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from streams.kafka import client

_PATIENCE_S = 60  # who was killed is a member of its group for up to ten
_STATIC = "tickstream-trade-"  # an adapter's group: its members never leave, but hold no offsets


def wipe(bootstrap: str) -> None:
    """Deletes all topics, and all groups with their offsets. Raises TimeoutError when somebody
    still reads."""
    admin = AdminClient(client(bootstrap))
    if topics := _topics(admin):
        for deleted in admin.delete_topics(topics, operation_timeout=30).values():
            deleted.result(30)
    _until_empty(lambda: _topics(admin))
    _until_empty(lambda: _groups_in_use(admin))


def _topics(admin: AdminClient) -> list[str]:
    """All but the broker's own."""
    return [name for name in admin.list_topics(timeout=30).topics if not name.startswith("_")]


def _groups_in_use(admin: AdminClient) -> list[str]:
    """Those that cannot be deleted yet; the others are."""
    listed = [group.group_id for group in admin.list_consumer_groups().result(30).valid]
    groups = [name for name in listed if not name.startswith(_STATIC)]
    in_use = []
    for name, deleted in admin.delete_consumer_groups(groups).items() if groups else ():
        try:
            deleted.result(30)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.NON_EMPTY_GROUP:
                raise
            in_use.append(name)
    return in_use


def _until_empty(left: Callable[[], list[str]]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while found := left():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still there, as somebody uses them: {', '.join(found)}")
        time.sleep(0.1)
