"""Producers of another version: whatever an older one left out and a newer one adds, every service applies it."""

from collections.abc import Mapping, Sequence

from services.attendance import consumers as attendance
from services.booking import consumers as booking
from services.reporting import consumers as reporting
from shared.messaging.delivery import Consumer
from shared.messaging.pipeline import Pipeline
from tests.support.eventually import eventually
from tests.support.golden import FILES, Message, of_a_newer_producer, of_an_older_producer, read
from tests.support.kafka_log import put
from tests.support.services import Origin, running
from tests.support.stack import Stack

CONSUMERS: Mapping[str, Sequence[Consumer]] = {
    "booking": booking.CONSUMERS,
    "attendance": attendance.CONSUMERS,
    "reporting": (reporting.FACTS,),
}


async def test_older_and_newer_minor_versions_are_consumed_by_every_service(stack: Stack) -> None:
    async with running(stack, pipeline=Pipeline) as origin:
        by_topic: dict[str, list[Message]] = {}
        for path in FILES:
            versions = [of_an_older_producer(path), of_a_newer_producer(path)]
            by_topic.setdefault(read(path)["topic"], []).extend(versions)
        for topic, messages in by_topic.items():
            await put(stack.bootstrap_servers, origin.prefix + topic, messages)

        async def lags() -> list[int]:
            return [(await origin.position(service))["lag"] for service in origin.databases]

        await eventually(lags, within=60, until=lambda lags: not any(lags), what="everything applied")
        for service in origin.databases:
            reasons = await origin.rows(service, "SELECT consumer, reason, detail FROM dead_letters")
            assert reasons == [], service
            for consumer in CONSUMERS[service]:
                sent = [message for topic in consumer.topics for message in by_topic[topic.name]]
                expected = len(await wanted_of(sent, origin, service, consumer))
                assert await applied_by(origin, service, consumer) == expected, consumer.name
                assert expected > 0


async def wanted_of(sent: Sequence[Message], origin: Origin, service: str, consumer: Consumer) -> Sequence[Message]:
    """What was sent of the types that the consumer reads."""
    if consumer.wants is None:
        return sent
    async with origin.services[service].units.system() as unit:
        wanted = await consumer.wants(unit)
    return [message for message in sent if dict(message[2])["ce_type"].decode() in wanted]


async def applied_by(origin: Origin, service: str, consumer: Consumer) -> int:
    """Events whose effect has committed: reporting's facts are their own inbox."""
    if consumer.deduplicates:
        [row] = await origin.rows(service, "SELECT count(*) AS events FROM facts_v1.facts")
    else:
        statement = "SELECT count(*) AS events FROM inbox WHERE consumer = $1"
        [row] = await origin.rows(service, statement, consumer.name)
    return int(row["events"])
