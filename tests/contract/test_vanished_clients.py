"""Who vanishes or sleeps in the middle of a transaction holds up nobody for long."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.engine import GONE_SECONDS, create_engine
from shared.database.errors import is_transient
from shared.database.unit_of_work import Units
from tests.support.databases import app_url
from tests.support.mechanisms import SERVICE, units_of
from tests.support.stack import Stack

LOCK = "SELECT pg_advisory_xact_lock(1)"


@pytest.fixture
async def impatient(stack: Stack, database: str) -> AsyncIterator[AsyncEngine]:
    """An engine whose transactions may be silent for half a second."""
    url = app_url(stack.admin_url, SERVICE, database)
    engine = create_engine(url, application="test", abandoned_seconds=0.5)
    yield engine
    await engine.dispose()


async def test_the_lock_of_a_sleeper_is_free_again_and_it_fails_when_it_wakes(
    impatient: AsyncEngine, units: Units
) -> None:
    locked, tried = asyncio.Event(), asyncio.Event()

    async def sleeper() -> None:
        async with units_of(impatient).system() as unit:
            await unit.execute(LOCK)
            locked.set()
            await tried.wait()
            await unit.execute("SELECT 1")

    async def next_one() -> None:
        await locked.wait()
        try:
            async with units.system() as unit:
                await unit.execute(LOCK)
        finally:
            tried.set()

    asleep, got_it = await asyncio.gather(sleeper(), next_one(), return_exceptions=True)
    assert got_it is None
    assert isinstance(asleep, DBAPIError)
    assert is_transient(asleep), "whoever sent the request is told to send it again"


async def test_both_ends_notice_that_the_other_machine_is_gone(engine: AsyncEngine) -> None:
    """Else the server keeps the locks of a dead machine, and a client waits for a dead server, for hours."""
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        server = {
            name: int(await driver.fetchval("SELECT setting FROM pg_settings WHERE name = $1", name))
            for name in ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout")
        }
        with socket.socket(fileno=os.dup(driver._transport.get_extra_info("socket").fileno())) as client:
            assert client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            ours = {
                "tcp_keepalives_idle": client.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                "tcp_keepalives_interval": client.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
                "tcp_user_timeout": client.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            }
    assert server == ours
    assert ours["tcp_keepalives_idle"] < GONE_SECONDS
    assert ours["tcp_user_timeout"] == GONE_SECONDS * 1000
