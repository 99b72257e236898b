"""Our own parser for FastStream: hands the raw records through and reads no header.

FastStream's parser decodes headers before the acknowledgement logic runs: one header that is not UTF-8 loses records
silently. Here a bad header reaches the pipeline and becomes a dead letter.
"""

from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaAckableMessage
from faststream.message import StreamMessage

from shared.messaging.delivery import Record

Batch = tuple[ConsumerRecord[Any, Any], ...]


class PassThrough:
    """Parser and decoder of one batch subscriber; `consumer` is set once the subscriber has started."""

    def __init__(self) -> None:
        self.subscriber: Any = None

    async def parse(self, message: Batch) -> StreamMessage[Any]:
        first, last = message[0], message[-1]
        return KafkaAckableMessage(
            body=b"",
            headers={},
            batch_headers=[],
            message_id=f"{first.topic}-{first.partition}-{first.offset}-{last.offset}",
            raw_message=message,
            consumer=self.subscriber.consumer,
        )

    async def decode(self, message: StreamMessage[Any]) -> Any:
        return message.raw_message


def records_of(batch: Batch, prefix: str) -> list[Record]:
    """The records of a batch; topics without the installation's prefix."""
    return [
        Record(
            raw.topic.removeprefix(prefix),
            raw.partition,
            raw.offset,
            raw.key,
            raw.value,
            tuple(raw.headers),
        )
        for raw in batch
    ]
