"""Records that a topic no longer holds (an operator bounded its retention, or deleted some): never waited for, and
never passed over in silence.
"""

from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Units
from tests.integration.messaging.test_consuming import Reader, message
from tests.support.kafka_log import everything_on
from tests.support.stack import Stack


@pytest.fixture
def reader(stack: Stack, prefix: str, units: Units) -> Reader:
    return Reader(stack, prefix, units)


async def remove_all_of(reader: Reader) -> None:
    """What stands on the topic until now."""
    topic = reader.prefix + BOOKING.name
    ends: dict[int, int] = {}
    for written in await everything_on(reader.stack.bootstrap_servers, topic):
        ends[written.partition] = written.offset + 1
    admin = AIOKafkaAdminClient(bootstrap_servers=reader.stack.bootstrap_servers)
    await admin.start()
    try:
        places = {TopicPartition(topic, partition): RecordsToDelete(end) for partition, end in ends.items()}
        await admin.delete_records(places)
    finally:
        await admin.close()


async def test_a_new_database_does_not_wait_for_them(reader: Reader) -> None:
    """Else it would lag for good, and the watchdog would end its process again and again."""
    session = uuid4()
    await reader.write(message(session, 1), message(session, 2))
    await remove_all_of(reader)
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
        await reader.write(message(session, 3))
        await reader.caught_up(consuming)
    assert [sequence for _, sequence, _ in await reader.effects()] == [3]


async def test_that_they_were_never_applied_is_an_error_in_the_log(reader: Reader) -> None:
    session = uuid4()
    await reader.write(message(session, 1))
    async with reader.running() as consuming:
        await reader.caught_up(consuming)
    await reader.write(message(session, 2), message(session, 3))
    await remove_all_of(reader)
    await reader.write(message(session, 4))

    with capture_logs() as lines:
        async with reader.running() as consuming:
            await reader.caught_up(consuming)

    assert [sequence for _, sequence, _ in await reader.effects()] == [1, 4]
    [said] = [line for line in lines if line["event"] == "records_gone"]
    assert (said["log_level"], said["applied"], said["first"], said["gone"]) == ("error", 1, 3, 2)
    assert gone_from(reader.prefix + BOOKING.name) == 2


def gone_from(topic: str) -> float:
    return REGISTRY.get_sample_value("kursnav_records_gone_total", {"topic": topic}) or 0.0


async def test_what_was_applied_before_it_was_removed_is_no_error(reader: Reader) -> None:
    session = uuid4()
    with capture_logs() as lines:
        await reader.write(message(session, 1))
        async with reader.running() as consuming:
            await reader.caught_up(consuming)
        await remove_all_of(reader)
        await reader.write(message(session, 2))
        async with reader.running() as consuming:
            await reader.caught_up(consuming)
    assert [sequence for _, sequence, _ in await reader.effects()] == [1, 2]
    assert not [line for line in lines if line["event"] == "records_gone"]
    assert gone_from(reader.prefix + BOOKING.name) == 0
