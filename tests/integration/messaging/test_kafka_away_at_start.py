"""A service that starts while Kafka is away begins to consume when it comes."""

import pytest
from aiokafka.errors import KafkaConnectionError
from faststream.kafka import KafkaBroker

from shared import service as services
from shared.contracts.topics import ATTENDANCE
from tests.support.eventually import eventually
from tests.support.golden import FILES, record_of
from tests.support.kafka_log import put
from tests.support.services import running
from tests.support.stack import Stack

[REOPENED] = [path for path in FILES if ".roll-reopened.v1.1." in path.name]


async def test_it_asks_again_until_there_is_a_broker(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LOOK_SECONDS", 0.05)
    start, attempts = KafkaBroker.start, 0

    async def starts_the_third_time(broker: KafkaBroker) -> None:
        """What comes before it is done each time."""
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise KafkaConnectionError
        await start(broker)

    monkeypatch.setattr(KafkaBroker, "start", starts_the_third_time)
    async with running(stack, ["booking"]) as origin:
        await put(stack.bootstrap_servers, origin.prefix + ATTENDANCE.name, [record_of(REOPENED)])

        async def applied() -> int:
            return len(await origin.rows("booking", "SELECT 1 FROM inbox"))

        await eventually(applied, within=30, until=lambda count: count == 1, what="the event is applied")
    assert attempts == 3
