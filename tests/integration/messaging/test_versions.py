"""Producers of another version: what an older one left out and what a newer one adds hold back no service."""

from shared.contracts.topics import ATTENDANCE
from tests.support.eventually import eventually
from tests.support.golden import FILES, Message, of_a_newer_producer, of_an_older_producer, read
from tests.support.kafka_log import put
from tests.support.services import running
from tests.support.stack import Stack


async def test_older_and_newer_minor_versions_are_consumed_by_every_service(stack: Stack) -> None:
    async with running(stack, stages=()) as origin:
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
        applied = await origin.rows("booking", "SELECT count(*) AS events FROM inbox")
        assert applied[0]["events"] == len(by_topic[ATTENDANCE.name])
