"""Kafka and PostgreSQL go away while bookings go on: what was answered is there once, and all of it arrives soon."""

import signal
import time
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.faults.chain import Chain
from tests.faults.load import Load
from tests.faults.own_stack import OwnStack, chain_on, own_stack

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 50  # 12 s of bookings


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
    load = await Load.prepared(own.chain, PEOPLE)
    frozen_until_answered = PEOPLE - 4

    async def fault() -> None:
        await load.answered(3)
        own.stack.kafka.freeze()
        await load.answered(frozen_until_answered)
        own.stack.kafka.thaw()

    await load.during(fault)

    assert all(booking.accepted for booking in load.bookings), "a booking needs no broker"
    await arrived(load)


async def test_while_kafka_is_dead_bookings_go_on(own: Own) -> None:
    load = await Load.prepared(own.chain, PEOPLE)

    async def fault() -> None:
        await load.answered(3)
        own.stack.kafka.end(signal.SIGKILL)
        await load.answered(PEOPLE // 2)
        await own.stack.kafka.start()

    await load.during(fault)

    assert all(booking.accepted for booking in load.bookings), "a booking needs no broker"
    await arrived(load)


async def test_postgresql_restarted_under_load(own: Own) -> None:
    """Immediate shutdown: as a crash, without a checkpoint; everything that was committed is recovered from the log."""
    load = await Load.prepared(own.chain, PEOPLE)

    async def fault() -> None:
        for number in (5, PEOPLE // 2):
            await load.answered(number)
            own.stack.postgres.end(signal.SIGQUIT)
            await own.stack.postgres.start()

    await load.during(fault)

    assert sum(bool(booking.accepted) for booking in load.bookings) > PEOPLE // 5, "many met a database"
    await arrived(load)


async def arrived(load: Load) -> None:
    """Everything soon, once and in order: what was answered at first, and all of it when the callers insist."""
    began = time.monotonic()
    await load.chain.settled()
    assert time.monotonic() - began < 30, "outbox empty and lag 0 soon after"
    tally = await load.counted()
    assert tally.clean, tally
    await load.insisted()
    await load.chain.settled()
    tally = await load.counted()
    assert tally.clean, tally
    assert tally.acknowledged == len(load.bookings)
    await load.chain.invariants()
