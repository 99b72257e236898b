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
    """Creates (or with `check` only compares) and prints one line per topic."""
    servers, prefix = bootstrap_servers(), os.environ.get("KURSNAV_TOPIC_PREFIX", "")
    if check:
        missing = asyncio.run(_missing(servers, prefix))
        console.print("\n".join(f"{name}: missing" for name in missing) or "All topics are there.")
        raise typer.Exit(1 if missing else 0)
    differences = 0
    for topic in asyncio.run(_create(servers, prefix)):
        differences += len(topic.differences)
        console.print(f"{topic.name}: {'created' if topic.created else '; '.join(topic.differences) or 'as declared'}")
    raise typer.Exit(1 if differences else 0)


async def create(servers: str, prefix: str) -> list[str]:
    """Creates what is missing; answers how existing topics differ from their declaration."""
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


async def _missing(servers: str, prefix: str) -> list[str]:
    from shared.contracts.topics import ALL

    admin = await _connected(servers)
    try:
        there = set(await admin.list_topics())
    finally:
        await admin.close()
    return [prefix + topic.name for topic in ALL if prefix + topic.name not in there]


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
