"""Find or start the log: Redpanda in Docker, Apache Kafka as a child process, or one that is named.

    with open_broker("auto", home, print) as broker:
        producer = Producer({"bootstrap.servers": broker.bootstrap})

`open_broker` returns None where the choice is the local host, which needs no broker.
"""

from console.broker.broker import Broker
from console.broker.choose import open_broker
from console.broker.errors import BrokerError
from console.broker.kafka_process import KafkaProcess

__all__ = ["Broker", "BrokerError", "KafkaProcess", "open_broker"]
