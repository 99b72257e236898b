"""The relay when its broker, its lease or its own process fails in the middle of a wave: each at a chosen moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, RequestTimedOutError
from aiokafka.protocol.produce import ProduceRequest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.unit_of_work import Units
from shared.messaging import relay as relays
from shared.messaging.lease import Lease
from shared.messaging.relay import LeaseLost, Relay
from shared.messaging.sending import idempotent_producer
from tests.integration.messaging.relaying import LONG, Sent, emit, running, unpublished
from tests.support.eventually import eventually
from tests.support.stack import Stack

ALL_REPLICAS = -1
LEASE_SECONDS = 1.5


class Withholding:
    """A broker that takes what it is given, and acknowledges when the test says so."""

    def __init__(self) -> None:
        self.given = asyncio.Event()
        self.acknowledgement: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def send_batch(self, *_: Any, **__: Any) -> Awaitable[None]:
        self.given.set()
        return self.acknowledgement


@pytest.fixture
async def withholding(producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Withholding]:
    broker = Withholding()
    monkeypatch.setattr(producer, "send_batch", broker.send_batch)
    yield broker
    broker.acknowledgement.cancel()


def errors_of(answer: Any) -> list[int]:
    """Kafka's code of each partition in an answer to what was sent; 0 is none."""
    return [code for _, partitions in answer.topics for _, code, *_ in partitions]


async def test_an_answer_of_the_broker_that_is_lost_costs_no_second_record(
    units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The producer sends again what it does not know to be there; the broker knows it by producer and number."""
    lost: list[ProduceRequest] = []
    send = producer.client.send

    async def loses_the_first(node: int, request: Any, **options: Any) -> Any:
        answer = await send(node, request, **options)
        # Not one that says "not leader": a partition is new here, and then nothing was written.
        if isinstance(request, ProduceRequest) and not lost and not any(errors_of(answer)):
            lost.append(request)
            raise RequestTimedOutError
        return answer

    monkeypatch.setattr(producer.client, "send", loses_the_first)
    session = uuid4()
    await emit(units, session, session)

    assert await relay.wave(producer) == 2

    assert [request.required_acks for request in lost] == [ALL_REPLICAS]
    assert await sent() == [(str(session), 1), (str(session), 2)]


class TestDeleting:
    async def test_waits_for_the_acknowledgement(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, withholding: Withholding
    ) -> None:
        await emit(units, uuid4())
        wave = asyncio.create_task(relay.wave(producer))
        await withholding.given.wait()
        done, _ = await asyncio.wait({wave}, timeout=0.5)
        assert not done
        assert len(await unpublished(units)) == 1, "given to the producer is not sent"
        withholding.acknowledgement.set_result(None)
        assert await wave == 1
        assert await unpublished(units) == []

    async def test_does_not_come_without_it(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, withholding: Withholding
    ) -> None:
        await emit(units, uuid4())
        withholding.acknowledgement.set_exception(RequestTimedOutError())
        with pytest.raises(KafkaError):
            await relay.wave(producer)
        assert len(await unpublished(units)) == 1

    async def test_of_a_process_that_was_replaced_under_its_own_name_changes_nothing(
        self,
        units: Units,
        relay: Relay,
        relay_of: Callable[[str], Relay],
        producer: AIOKafkaProducer,
        withholding: Withholding,
    ) -> None:
        """Its successor has the same instance name and the lease: only the epoch tells them apart."""
        await emit(units, uuid4())
        wave = asyncio.create_task(relay.wave(producer))
        await withholding.given.wait()
        successor = relay_of(relay.lease.holder)
        assert await successor.lease.take()
        withholding.acknowledgement.set_result(None)
        with pytest.raises(LeaseLost):
            await wave
        assert len(await unpublished(units)) == 1


async def test_the_lease_is_kept_while_a_wave_waits_for_its_acknowledgement(
    units: Units,
    relay_of: Callable[[str], Relay],
    producer: AIOKafkaProducer,
    withholding: Withholding,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For longer than it lasts unless it is renewed."""

    async def already() -> None:
        """It is started, and stopped by whoever started it."""

    async def until() -> datetime:
        async with engine.connect() as connection:
            return cast(datetime, await connection.scalar(text("SELECT expires_at FROM relay_lease")))

    monkeypatch.setattr(producer, "start", already)
    monkeypatch.setattr(producer, "stop", already)
    monkeypatch.setattr(relays, "idempotent_producer", lambda *_: producer)
    first, other = relay_of("first"), Lease(engine, "booking", "other")
    first.lease.seconds = LEASE_SECONDS
    await emit(units, uuid4())
    async with running(first):
        await withholding.given.wait()
        taken, epoch = await until(), first.lease.epoch
        twice = taken + timedelta(seconds=2 * LEASE_SECONDS)
        await eventually(until, until=lambda at: at >= twice, what="the lease is renewed again and again")
        first.lease.seconds = LONG  # from its next renewal on, so that a machine that sleeps now takes nothing from it
        await eventually(until, until=lambda at: at >= taken + timedelta(seconds=LONG / 2), what="renewed for long")
        assert not await other.take()
        assert first.lease.epoch == epoch, "it is the same lease"
        withholding.acknowledgement.set_result(None)
        await eventually(lambda: unpublished(units), until=lambda left: not left, what="an empty outbox")


async def test_after_a_failure_it_goes_on_with_a_new_producer(
    units: Units, relay_of: Callable[[str], Relay], stack: Stack, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose state is broken stays broken: an idempotent producer has numbers that must not have gaps."""
    monkeypatch.setattr(relays, "PAUSE_SECONDS", 0.05)
    made: list[AIOKafkaProducer] = []

    async def breaks(*_: Any, **__: Mapping[str, Any]) -> Awaitable[None]:
        raise KafkaConnectionError

    def next_producer(*_: str) -> AIOKafkaProducer:
        made.append(idempotent_producer(stack.bootstrap_servers, f"test-{len(made)}"))
        if len(made) < 3:
            monkeypatch.setattr(made[-1], "send_batch", breaks)
        return made[-1]

    monkeypatch.setattr(relays, "idempotent_producer", next_producer)
    session = uuid4()
    await emit(units, session)
    async with running(relay_of("first")):
        await eventually(lambda: unpublished(units), until=lambda left: not left, what="an empty outbox")
    assert len(made) == 3
    assert await sent() == [(str(session), 1)]
