"""The declared topics on a real broker."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts import topics
from shared.contracts.topics import BOOKING, PEOPLE, TopicsRefused, create_topics
from tests.support.stack import Stack

SOME = (BOOKING, PEOPLE)


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
    await client.start()
    yield client
    await client.close()


@pytest.fixture
async def prefix(admin: AIOKafkaAdminClient) -> AsyncIterator[str]:
    chosen = f"test-{secrets.token_hex(4)}."
    yield chosen
    await admin.delete_topics([name for name in await admin.list_topics() if name.startswith(chosen)])


async def test_missing_topics_are_created_as_declared(admin: AIOKafkaAdminClient, prefix: str) -> None:
    first = await create_topics(admin, prefix=prefix, topics=SOME)
    assert [(state.name, state.created) for state in first] == [(prefix + topic.name, True) for topic in SOME]

    second = await create_topics(admin, prefix=prefix, topics=SOME)
    assert [(state.created, state.differences) for state in second] == [(False, ()), (False, ())]


async def test_a_topic_with_other_settings_is_reported_and_left_alone(admin: AIOKafkaAdminClient, prefix: str) -> None:
    other = replace(PEOPLE, partitions=2, settings={"cleanup.policy": "delete"})
    await create_topics(admin, prefix=prefix, topics=[other])

    [state] = await create_topics(admin, prefix=prefix, topics=[PEOPLE])

    assert not state.created
    assert "partitions is 2, not 6" in state.differences
    assert "cleanup.policy is delete, not compact" in state.differences
    assert [again.differences for again in await create_topics(admin, prefix=prefix, topics=[PEOPLE])] == [
        state.differences
    ]


async def test_what_the_broker_refuses_is_said(admin: AIOKafkaAdminClient, prefix: str) -> None:
    with pytest.raises(TopicsRefused, match=prefix + BOOKING.name):
        await create_topics(admin, prefix=prefix, topics=[BOOKING], replication_factor=99)


def test_every_topic_of_the_contract_is_declared() -> None:
    assert {topic.name for topic in topics.ALL} == {
        f"kursnav.{context}.v1"
        for context in "booking attendance signatures surveys catalogue participants people reports signouts".split()
    }
