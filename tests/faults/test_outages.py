"""Kafka and PostgreSQL go away while bookings go on: what was answered is there once, and all of it arrives soon."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import httpx2
import pytest
import pytest_asyncio

from tests.faults.chain import Chain
from tests.faults.load import Load
from tests.faults.own_stack import OwnStack, chain_on, own_stack
from tests.support.pace import lasts

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

PEOPLE = 40  # those who are not booked while it is away ask again: on a slow disk recovery takes seconds
AWAY_SECONDS = 20.0
AWAY_PEOPLE = 90  # 22 s of bookings
FROZEN_SECONDS = 12.0  # longer than a request waits for a connection
FROZEN_PEOPLE = 60  # 15 s of bookings


class Own(NamedTuple):
    """A stack that this module may break, and the services on it."""

    stack: OwnStack
    chain: Chain


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own() -> AsyncIterator[Own]:
    async with own_stack() as stack, chain_on(stack.addresses) as chain:
        yield Own(stack, chain)


async def test_while_kafka_is_frozen_bookings_go_on(own: Own) -> None:
    """For longer than the producer waits for an acknowledgement (10 s)."""

    async def thaw() -> None:
        own.stack.kafka.thaw()

    await away(own, own.stack.kafka.freeze, thaw)


async def test_while_kafka_is_dead_bookings_go_on(own: Own) -> None:
    await away(own, lambda: own.stack.kafka.end(signal.SIGKILL), own.stack.kafka.start)


async def away(own: Own, goes: Callable[[], None], comes_back: Callable[[], Awaitable[None]]) -> None:
    """Kafka is away for 20 s, in the middle of bookings that all are taken; then they arrive."""
    load = await Load.prepared(own.chain, AWAY_PEOPLE)

    async def fault() -> None:
        await load.answered(3)
        goes()
        await lasts(AWAY_SECONDS)
        await load.answered(AWAY_PEOPLE)  # the last ones by a broker that has been away for longest
        await comes_back()

    await load.during(fault)

    assert all(booking.accepted for booking in load.bookings), "a booking needs no broker"
    await arrived(load)


async def test_postgresql_restarted_under_load(own: Own) -> None:
    """Immediate shutdown: as a crash, without a checkpoint; everything that was committed is recovered from the log."""
    load = await Load.prepared(own.chain, PEOPLE)

    async def fault() -> None:
        for number in (5, 15):
            await load.taken(number)
            own.stack.postgres.end(signal.SIGQUIT)
            await own.stack.postgres.start()
        await load.taken(25)

    await load.as_long_as(fault)
    await arrived(load)


async def test_while_postgresql_is_frozen_nobody_is_told_a_lie(own: Own) -> None:
    """It takes what is sent to it and answers nothing: who asks waits, or is told to try again; readiness says so."""
    load = await Load.prepared(own.chain, FROZEN_PEOPLE)
    told: list[httpx2.Response] = []

    async def fault() -> None:
        await load.answered(3)
        own.stack.postgres.freeze()
        try:
            told.append(await own.chain.world.coordinator.get("/booking/health/ready"))
            await lasts(FROZEN_SECONDS)
        finally:
            own.stack.postgres.thaw()

    await load.during(fault)

    assert told[0].status_code == 503
    assert told[0].json()["missing"][0].startswith("database does not answer")
    refused = [answer for booking in load.bookings for answer in booking.answers if not answer.is_success]
    assert all((answer.status_code, "retry-after" in answer.headers) == (503, True) for answer in refused)
    await arrived(load)


async def arrived(load: Load) -> None:
    """Everything soon, once and in order: what was answered at first, and all of it when the callers insist."""
    await load.chain.settled()
    tally = await load.counted()
    assert tally.clean, tally
    await load.insisted()
    await load.chain.settled()
    tally = await load.counted()
    assert tally.clean, tally
    assert tally.acknowledged == len(load.bookings)
    await load.chain.invariants()
