"""The declared topics under a prefix of their own, removed at the end."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts.topics import create_topics


@asynccontextmanager
async def topics(bootstrap_servers: str, prefix: str | None = None) -> AsyncIterator[str]:
    """The prefix under which all topics exist inside the block."""
    chosen = f"t{secrets.token_hex(4)}." if prefix is None else prefix
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        created = [state.name for state in await create_topics(admin, prefix=chosen) if state.created]
        try:
            yield chosen
        finally:
            await admin.delete_topics(created)
    finally:
        await admin.close()
