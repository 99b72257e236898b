"""The relay on a real broker: order per key, nothing skipped, one sender at a time."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from shared.contracts.people_v1 import PersonChanged
from shared.contracts.topics import BOOKING, PEOPLE
from shared.database.transaction import Fetched, Transaction
from shared.database.unit_of_work import Units
from shared.messaging import relay as relays
from shared.messaging.lease import Lease
from shared.messaging.relay import LeaseLost, Relay
from shared.messaging.sending import BATCH_BYTES
from tests.integration.messaging.relaying import LONG, Sent, as_owner, emit, running, unpublished
from tests.support.events import released
from tests.support.eventually import eventually
from tests.support.kafka_log import everything_on, put
from tests.support.mechanisms import engine_for, units_of
from tests.support.stack import Stack


async def widen(stack: Stack, database: str, size: int, only: int | None = None) -> None:
    """Values of so many bytes in the outbox, or in the row of that sequence only."""
    statement = (
        "UPDATE outbox SET value = convert_to(repeat('x', $1), 'UTF8') WHERE $2::bigint IS NULL OR sequence = $2"
    )
    await as_owner(stack, database, statement, size, only)


class TestSending:
    async def test_a_record_is_what_the_contract_says(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, stack: Stack, prefix: str
    ) -> None:
        session = uuid4()
        await emit(units, session)
        async with units.system() as unit:
            [row] = await unit.all("SELECT * FROM outbox")
        assert await relay.wave(producer) == 1

        [record] = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
        assert (record.key, record.value) == (str(session).encode(), row["value"])
        expected = {**row["headers"], "ce_sequence": "1"}
        assert {name: value.decode() for name, value in record.headers} == expected, "no header of a library's own"

    async def test_what_was_sent_is_gone_and_not_sent_again(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent
    ) -> None:
        session = uuid4()
        await emit(units, session)
        assert [await relay.wave(producer), await relay.wave(producer)] == [1, 0]
        assert await unpublished(units) == []
        assert await sent() == [(str(session), 1)]

    async def test_waves_are_bounded_and_keep_the_order_of_every_key(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent
    ) -> None:
        sessions = [uuid4() for _ in range(12)]
        for _ in range(10):
            await emit(units, *sessions * 10)
        assert [await relay.wave(producer) for _ in range(4)] == [500, 500, 200, 0]
        log = await sent()
        for session in sessions:
            assert [sequence for key, sequence in log if key == str(session)] == list(range(1, 101))

    async def test_one_that_commits_late_is_not_skipped(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent
    ) -> None:
        """Its ids are lower than those that were sent before it: a cursor over ids would pass it by."""
        late, early = uuid4(), uuid4()
        async with units.system() as slow:
            slow.emit(released(late, 1))
            await slow.flush()
            await emit(units, early)
            assert await relay.wave(producer) == 1
            assert await sent() == [(str(early), 1)]
        assert await relay.wave(producer) == 1
        assert set(await sent()) == {(str(early), 1), (str(late), 1)}

    async def test_a_tombstone_has_no_value(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, stack: Stack, prefix: str
    ) -> None:
        async with units.system() as unit:
            unit.emit_tombstone(PersonChanged, key="person/1")
        await relay.wave(producer)
        [record] = await everything_on(stack.bootstrap_servers, prefix + PEOPLE.name)
        assert (record.key, record.value) == (b"person/1", None)

    async def test_what_does_not_fit_one_batch_goes_in_several_in_order(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent, stack: Stack, database: str
    ) -> None:
        """Among them a row that is larger than a batch."""
        session = uuid4()
        await emit(units, *[session] * 30)
        await widen(stack, database, 20_000)
        await widen(stack, database, 3 * BATCH_BYTES, only=13)
        assert await relay.wave(producer) == 30
        assert await sent() == [(str(session), sequence) for sequence in range(1, 31)]

    async def test_a_key_has_the_partition_that_every_client_gives_it(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, stack: Stack, prefix: str
    ) -> None:
        sessions = [uuid4() for _ in range(20)]
        await emit(units, *sessions)
        await relay.wave(producer)
        await put(stack.bootstrap_servers, prefix + BOOKING.name, [(str(key).encode(), b"{}", ()) for key in sessions])
        records = await everything_on(stack.bootstrap_servers, prefix + BOOKING.name)
        for session in sessions:
            found = [record.partition for record in records if record.key == str(session).encode()]
            assert (len(found), len(set(found))) == (2, 1)


class TestARowThatCannotBeSent:
    async def spoil(self, stack: Stack, database: str, session: UUID) -> None:
        """A value that the broker would refuse; the outbox itself refuses such ones."""
        statement = "UPDATE outbox SET value = convert_to(repeat('x', 2000000), 'UTF8') WHERE key = $1 AND sequence = 1"
        await as_owner(stack, database, statement, str(session))

    async def test_holds_back_its_key_only_and_says_why(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent, stack: Stack, database: str
    ) -> None:
        bad, good = uuid4(), uuid4()
        await emit(units, bad, bad, good, good)
        await self.spoil(stack, database, bad)

        assert await relay.wave(producer) == 2
        await emit(units, bad, good)
        assert await relay.wave(producer) == 1

        assert await sent() == [(str(good), 1), (str(good), 2), (str(good), 3)]
        assert await unpublished(units) == [(str(bad), 1), (str(bad), 2), (str(bad), 3)]
        async with units.system() as unit:
            rows = await unit.all("SELECT sequence, error FROM outbox WHERE error IS NOT NULL")
        assert [(row["sequence"], "MessageSizeTooLargeError" in row["error"]) for row in rows] == [(1, True)]

    async def test_a_long_queue_behind_it_does_not_fill_the_waves(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent, stack: Stack, database: str
    ) -> None:
        bad, good = uuid4(), uuid4()
        await emit(units, *[bad] * (relays.WAVE + 100))
        await emit(units, good)
        await self.spoil(stack, database, bad)
        assert await relay.wave(producer) == 0
        assert await relay.wave(producer) == 1
        assert await sent() == [(str(good), 1)]

    async def test_once_mended_its_key_goes_on_in_order(
        self, units: Units, relay: Relay, producer: AIOKafkaProducer, sent: Sent, stack: Stack, database: str
    ) -> None:
        bad = uuid4()
        await emit(units, bad, bad)
        await self.spoil(stack, database, bad)
        assert await relay.wave(producer) == 0
        await as_owner(stack, database, "UPDATE outbox SET value = '{}', error = NULL WHERE error IS NOT NULL")
        assert await relay.wave(producer) == 2
        assert await sent() == [(str(bad), 1), (str(bad), 2)]


class TestLease:
    async def test_only_one_instance_has_it(self, engine: AsyncEngine) -> None:
        assert await Lease(engine, "booking", "first", LONG).take()
        assert not await Lease(engine, "booking", "second").take()
        assert await Lease(engine, "attendance", "second").take(), "another service's lease is another"

    async def test_a_restarted_instance_takes_its_own_lease_at_once(self, engine: AsyncEngine) -> None:
        before, after = Lease(engine, "booking", "first"), Lease(engine, "booking", "first")
        assert await before.take()
        assert await after.take()
        assert before.epoch is not None
        assert after.epoch == before.epoch + 1
        assert not await before.renew(), "the process before it is fenced off"

    async def test_an_expired_one_is_free(self, engine: AsyncEngine) -> None:
        assert await Lease(engine, "booking", "first", seconds=0).take()
        assert await Lease(engine, "booking", "second").take()

    async def test_a_renewed_one_is_not(self, engine: AsyncEngine) -> None:
        first = Lease(engine, "booking", "first", seconds=0)
        assert await first.take()
        first.seconds = LONG
        assert await first.renew()
        assert not await Lease(engine, "booking", "second").take()

    async def test_a_released_one_is_free_at_once(self, engine: AsyncEngine) -> None:
        first = Lease(engine, "booking", "first", LONG)
        assert await first.take()
        await first.release()
        assert not first.held
        assert await Lease(engine, "booking", "second").take()

    async def test_one_that_falls_asleep_while_it_is_renewed_is_taken_all_the_same(
        self, engine: AsyncEngine, stack: Stack, database: str
    ) -> None:
        first, others, taken = Lease(engine, "booking", "first", seconds=0), engine_for(stack.admin_url, database), []
        assert await first.take()

        def asleep(*_: object) -> None:
            """The statement is executed; what would follow comes later."""
            taken.append(await_only(Lease(others, "booking", "second").take()))

        event.listen(engine.sync_engine, "after_cursor_execute", asleep, once=True)
        await first.renew()
        await others.dispose()
        assert taken == [True]
        assert not await first.renew(), "when it wakes it has lost it"


async def test_it_says_while_more_waits_than_a_wave_takes(
    units: Units, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile what can wait lets it pass."""
    wave, said = relay.wave, list[bool]()

    async def watched(producer: AIOKafkaProducer) -> int:
        said.append(relay.behind)
        return await wave(producer)

    monkeypatch.setattr(relays, "WAVE", 2)
    monkeypatch.setattr(relay, "wave", watched)
    await emit(units, *(uuid4() for _ in range(7)))
    async with running(relay):
        await eventually(lambda: True in said, what="a wave behind a full one")
        await eventually(lambda: not relay.behind, what="nothing that waits")
    assert not said[0]


class TestTwoRelays:
    async def test_one_that_slept_through_its_lease_deletes_nothing(
        self,
        units: Units,
        relay: Relay,
        relay_of: Callable[[str], Relay],
        producer: AIOKafkaProducer,
        sent: Sent,
        engine: AsyncEngine,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It sent, then slept; meanwhile the second took over. The events go out again, which the inbox takes."""
        session, second = uuid4(), relay_of("second")
        await emit(units, session, session)
        send = relay._send

        async def sends_and_sleeps(*arguments: Any) -> list[int]:
            ids = await send(*arguments)
            async with engine.begin() as connection:
                await connection.execute(text("UPDATE relay_lease SET expires_at = clock_timestamp()"))
            assert await second.lease.take()
            return ids

        monkeypatch.setattr(relay, "_send", sends_and_sleeps)
        with pytest.raises(LeaseLost):
            await relay.wave(producer)

        assert not relay.lease.held
        assert len(await unpublished(units)) == 2
        assert await second.wave(producer) == 2
        assert [sequence for _, sequence in await sent()] == [1, 2, 1, 2]

    async def test_one_that_falls_asleep_while_it_deletes_locks_nothing(
        self,
        units: Units,
        relay: Relay,
        producer: AIOKafkaProducer,
        stack: Stack,
        database: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Else its successor could not delete them, and would send them again and again until the connection ends."""
        await emit(units, uuid4(), uuid4())
        others, left, fetch = units_of(engine_for(stack.admin_url, database)), [], Transaction.fetch

        async def asleep(transaction: Transaction, statement: str, *values: Any) -> Fetched:
            """The statement is executed; what would follow comes later."""
            rows = await fetch(transaction, statement, *values)
            if "delete_sent" in statement:
                left.append(await unpublished(others))
            return rows

        monkeypatch.setattr(Transaction, "fetch", asleep)
        assert await relay.wave(producer) == 2
        await others.engine.dispose()
        assert left == [[]]

    async def test_running_side_by_side_they_keep_the_order_and_send_once(
        self, units: Units, relay_of: Callable[[str], Relay], sent: Sent
    ) -> None:
        sessions = [uuid4() for _ in range(5)]
        async with running(relay_of("first")), running(relay_of("second")):
            for _ in range(40):
                await emit(units, *sessions)
            await eventually(lambda: unpublished(units), until=lambda left: not left, what="an empty outbox")
        log = await sent()
        assert len(log) == 200
        for session in sessions:
            assert [sequence for key, sequence in log if key == str(session)] == list(range(1, 41))

    async def test_when_one_ends_the_other_takes_over(
        self, units: Units, relay_of: Callable[[str], Relay], sent: Sent
    ) -> None:
        session, first, second = uuid4(), relay_of("first"), relay_of("second")
        async with running(second), running(first):
            await eventually(lambda: first.lease.held or second.lease.held, what="a holder")
            holder = first if first.lease.held else second
            assert not (first.lease.held and second.lease.held)
            await holder.stop()
            await emit(units, session)
            await eventually(lambda: unpublished(units), until=lambda left: not left, what="an empty outbox")
        assert await sent() == [(str(session), 1)]


class TestWaking:
    async def test_what_this_process_commits_is_sent_at_once(
        self, units: Units, relay_of: Callable[[str], Relay], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relays, "POLL_SECONDS", 3600.0)
        relay = relay_of("first")
        units.wake_relay = relay.wake
        async with running(relay):
            await eventually(lambda: relay.lease.held, what="the lease")
            for _ in range(3):
                await emit(units, uuid4())
                await eventually(lambda: unpublished(units), until=lambda left: not left, what="an empty outbox")

    async def test_what_another_process_commits_is_found_without_a_call(
        self, units: Units, relay_of: Callable[[str], Relay]
    ) -> None:
        async with running(relay_of("first")):
            for _ in range(3):
                await emit(units, uuid4())
                await eventually(lambda: unpublished(units), until=lambda left: not left, what="an empty outbox")


async def test_without_a_broker_events_wait_and_the_relay_lives(
    units: Units, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "PAUSE_SECONDS", 0.05)
    relay = Relay(engine, service="booking", instance="first", bootstrap_servers="127.0.0.1:9")
    attempts = 0
    take = relay.lease.take

    async def counted() -> bool:
        nonlocal attempts
        attempts += 1
        return await take()

    monkeypatch.setattr(relay.lease, "take", counted)
    await emit(units, uuid4())
    async with running(relay):
        await eventually(lambda: attempts >= 3, what="several attempts")
    assert len(await unpublished(units)) == 1
