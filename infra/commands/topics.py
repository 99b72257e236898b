"""`kursnav topics`: the declared topics on the broker."""

import asyncio
import os
from typing import TYPE_CHECKING

import typer

from infra.commands.addresses import bootstrap_servers
from infra.commands.console import console
from infra.local.errors import StackError

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from shared.contracts.topics import TopicState


def topics(check: bool) -> None:
    """Creates what is missing and prints one line per topic; with `check` only compares, code 1 when something differs.

    Creating ends well also when a topic differs: an operator may have bounded its retention, and services must start.
    """
    servers, prefix = bootstrap_servers(), os.environ.get("KURSNAV_TOPIC_PREFIX", "")
    missing, there = asyncio.run(_compared(servers, prefix)) if check else ([], asyncio.run(_create(servers, prefix)))
    for name in missing:
        console.print(f"{name}: missing")
    for topic in there:
        console.print(f"{topic.name}: {'created' if topic.created else '; '.join(topic.differences) or 'as declared'}")
    different = [topic for topic in there if topic.differences]
    raise typer.Exit(1 if check and (missing or different) else 0)


async def create(servers: str, prefix: str) -> list[str]:
    """Creates what is missing; returns how existing topics differ from their declaration."""
    return [
        f"{topic.name}: {'; '.join(topic.differences)}" for topic in await _create(servers, prefix) if topic.differences
    ]


async def _create(servers: str, prefix: str) -> "list[TopicState]":
    from shared.contracts.topics import TopicsRefused, create_topics

    admin = await _connected(servers)
    try:
        return await create_topics(
            admin, prefix=prefix, replication_factor=int(os.environ.get("KURSNAV_REPLICAS", "1"))
        )
    except TopicsRefused as error:
        raise StackError(str(error)) from error
    finally:
        await admin.close()


async def _compared(servers: str, prefix: str) -> "tuple[list[str], list[TopicState]]":
    from shared.contracts.topics import TopicsRefused, compare_topics

    admin = await _connected(servers)
    try:
        return await compare_topics(admin, prefix=prefix)
    except TopicsRefused as error:
        raise StackError(str(error)) from error
    finally:
        await admin.close()


async def _connected(servers: str) -> "AIOKafkaAdminClient":
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    admin = AIOKafkaAdminClient(bootstrap_servers=servers, client_id="kursnav-topics")
    try:
        await admin.start()
    except (KafkaError, OSError) as error:
        await admin.close()
        raise StackError(
            f"Kafka does not answer at {servers}: start it, or mend KAFKA_BOOTSTRAP_SERVERS. ({error})"
        ) from error
    return admin
