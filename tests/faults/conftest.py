"""One installation of three processes for all kill tests: each test leaves it running and whole."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.chain import Chain
from tests.faults.workers import Workers
from tests.support.databases import app_url
from tests.support.mechanisms import SERVICE, database, engine, prefix, units
from tests.support.services import running
from tests.support.stack import Stack

__all__ = ["database", "engine", "prefix", "units"]
SERVICES = ("booking", "attendance", "reporting")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chain(stack: Stack) -> AsyncIterator[Chain]:
    async with running(stack, SERVICES, processes=SERVICES) as origin:
        yield await Chain.started(origin)


@pytest.fixture
def workers(stack: Stack, database: str, prefix: str, tmp_path: Path) -> Iterator[Workers]:
    """Relays and consumers in processes of their own, on the mechanisms' own tables."""
    workers = Workers(
        {
            "WORKER_DATABASE_URL": app_url(stack.admin_url, SERVICE, database),
            "KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap_servers,
            "KURSNAV_TOPIC_PREFIX": prefix,
            "KURSNAV_ENVIRONMENT": "development",
        },
        tmp_path,
    )
    yield workers
    workers.end()
