"""Consumers declared ordered: behind a failed event its key waits, and is replayed in order."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import decode
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit, Units
from shared.messaging import dead_letters, delivery, parking, replay
from shared.messaging.delivery import Consumer, Delivery, Event, Record
from shared.messaging.pipeline import Pipeline, TryAgain
from shared.messaging.replay import Replay, StillFails
from tests.support.events import record
from tests.support.eventually import eventually

EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('rolls', :id, :key, :sequence, '')"


class Rolls:
    """An ordered consumer whose `broken` sequences fail until they are mended."""

    def __init__(self, units: Units, *broken: int, ordered: bool = True) -> None:
        self.units = units
        self.broken = set(broken)
        self.error: Exception = ValueError("not yet")
        self.consumer = Consumer("rolls", (BOOKING,), self.handle, ordered=ordered)
        self.deliver = Pipeline(self.consumer, units).build()

    async def handle(self, unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            if event.sequence in self.broken:
                raise self.error
            await unit.execute(EFFECT, {"id": event.id, "key": event.key, "sequence": event.sequence})

    async def take(self, *records: Record) -> None:
        await self.deliver(Delivery(records))

    async def effects(self, session: UUID) -> list[int]:
        statement = "SELECT sequence FROM effects WHERE key = :key ORDER BY id"
        return [row["sequence"] for row in await self.rows(statement, key=str(session))]

    async def letters(self) -> list[tuple[int, str]]:
        rows = await self.rows('SELECT "offset", state FROM dead_letters ORDER BY "offset"')
        return [(row["offset"], row["state"]) for row in rows]

    async def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        async with self.units.system() as unit:
            return [dict(row) for row in await unit.all(statement, parameters)]

    async def replay(self, *, nth: int = 0, seconds: float = 20) -> int:
        letter = (await self.rows('SELECT * FROM dead_letters ORDER BY "offset"'))[nth]
        return await Replay(self.units, self.consumer, "operator-1", "mended", seconds).run(letter)

    async def waiting_for_a_lock(self) -> int:
        """Transactions that wait for the queue of a key."""
        statement = (
            "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        [row] = await self.rows(statement)
        return int(row["n"])


def event_of(session: UUID, sequence: int) -> Event:
    """An event as the pipeline has decoded it."""
    one = record(session, sequence)
    return delivery.event_of(*decode(BOOKING, one.key, one.value, one.headers), one)


@pytest.fixture
def session() -> UUID:
    return uuid4()


class TestParking:
    async def test_later_events_of_the_key_wait_and_other_keys_go_on(self, units: Units, session: UUID) -> None:
        rolls, other = Rolls(units, 2), uuid4()
        await rolls.take(*(record(session, sequence) for sequence in (1, 2, 3, 4)), record(other, 1, offset=5))
        assert await rolls.effects(session) == [1]
        assert await rolls.effects(other) == [1]
        assert await rolls.letters() == [(2, "dead"), (3, "parked"), (4, "parked")]

    async def test_also_in_later_batches(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        await rolls.take(record(session, 2), record(session, 3))
        assert await rolls.letters() == [(1, "dead"), (2, "parked"), (3, "parked")]

    async def test_behind_what_cannot_be_decoded(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units)
        await rolls.take(record(session, 1), record(session, 2, value=b"{"), record(session, 3))
        assert await rolls.effects(session) == [1]
        assert await rolls.letters() == [(2, "dead"), (3, "parked")]

    async def test_twice_delivered_it_waits_once(self, units: Units, session: UUID) -> None:
        rolls, third = Rolls(units, 2), record(session, 3)
        await rolls.take(record(session, 2), third, third)
        await rolls.take(third)
        assert await rolls.letters() == [(2, "dead"), (3, "parked")]

    async def test_other_consumers_do_not_park(self, units: Units, session: UUID) -> None:
        free = Rolls(units, 1, ordered=False)
        await free.take(record(session, 1), record(session, 2))
        assert await free.effects(session) == [2]


class TestReplay:
    async def test_the_whole_queue_is_applied_in_order(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 2)
        await rolls.take(*(record(session, sequence) for sequence in (1, 2, 3, 4)))
        rolls.broken.clear()
        assert await rolls.replay() == 3
        assert await rolls.effects(session) == [1, 2, 3, 4]
        assert {state for _, state in await rolls.letters()} == {"replayed"}

    async def test_whichever_of_it_was_named(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 2)
        await rolls.take(*(record(session, sequence) for sequence in (2, 3)))
        rolls.broken.clear()
        assert await rolls.replay(nth=1) == 2
        assert await rolls.effects(session) == [2, 3]

    async def test_it_stops_at_the_first_that_still_fails(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1, 3)
        await rolls.take(*(record(session, sequence) for sequence in (1, 2, 3, 4)))
        rolls.broken = {3}
        with pytest.raises(StillFails, match="ValueError"):
            await rolls.replay()
        assert await rolls.effects(session) == [1, 2]
        assert await rolls.letters() == [(1, "replayed"), (2, "replayed"), (3, "parked"), (4, "parked")]

    async def test_who_and_why_are_kept(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        rolls.broken.clear()
        await rolls.replay()
        [row] = await rolls.rows("SELECT decided_by, decision_reason, decided_at FROM dead_letters")
        assert (row["decided_by"], row["decision_reason"]) == ("operator-1", "mended")
        assert row["decided_at"] is not None

    async def test_replayed_twice_it_is_applied_once(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        rolls.broken.clear()
        assert sorted(await asyncio.gather(rolls.replay(), rolls.replay())) == [0, 1]
        assert await rolls.effects(session) == [1]

    async def test_what_joins_the_queue_meanwhile_is_replayed_too(self, units: Units, session: UUID) -> None:
        """It took the lock after the replay had read the queue and before the replay had applied its end."""
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        rolls.broken.clear()
        async with units.system() as arriving:
            await parking.lock(arriving, "rolls", BOOKING.name, str(session).encode())
            replaying = asyncio.create_task(rolls.replay())
            await eventually(rolls.waiting_for_a_lock, what="the replay waits for the queue")
            assert await parking.park(arriving, "rolls", [event_of(session, 2)]) == []
        assert await replaying == 2
        assert await rolls.effects(session) == [1, 2]
        assert {state for _, state in await rolls.letters()} == {"replayed"}

    async def test_a_predecessor_that_was_sent_again_goes_first(self, units: Units, session: UUID) -> None:
        """Its first sending was broken and is discarded; the second one stands behind its successors."""
        rolls = Rolls(units, 2, 3)
        broken, again = record(session, 1, value=b"{"), record(session, 1, offset=4)
        await rolls.take(broken, record(session, 2), record(session, 3), again)
        [row, *_] = await rolls.rows("SELECT id FROM dead_letters WHERE state = 'dead'")
        async with units.system() as unit:
            await dead_letters.decide(unit, row["id"], "discarded", "sent again")
        rolls.broken.clear()
        assert await rolls.replay(nth=3) == 3
        assert await rolls.effects(session) == [1, 2, 3]

    async def test_what_has_no_sequence_keeps_its_place(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        nameless = record(session, 3, replaced=[("ce_sequence", b"\xff")])
        await rolls.take(record(session, 1), record(session, 2), nameless, record(session, 4))
        rolls.broken.clear()
        with pytest.raises(StillFails) as failed:
            await rolls.replay()
        assert (failed.value.applied, failed.value.reason) == (2, "header-not-utf8")
        assert await rolls.letters() == [(1, "replayed"), (2, "replayed"), (3, "dead"), (4, "parked")]

    async def test_a_long_queue_is_read_by_pages(
        self, units: Units, session: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(replay, "PAGE", 2)
        rolls = Rolls(units, 1)
        await rolls.take(*(record(session, sequence) for sequence in range(1, 8)))
        rolls.broken.clear()
        assert await rolls.replay() == 7
        assert await rolls.effects(session) == [1, 2, 3, 4, 5, 6, 7]

    async def test_out_of_time_the_rest_waits_in_order(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        await rolls.take(*(record(session, sequence) for sequence in (1, 2, 3)))
        rolls.broken.clear()
        assert await rolls.replay(seconds=0) == 1
        assert await rolls.letters() == [(1, "replayed"), (2, "parked"), (3, "parked")]
        assert await rolls.replay(nth=1) == 2
        assert await rolls.effects(session) == [1, 2, 3]

    async def test_it_says_how_many_went_before_the_one_that_fails(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1, 3)
        await rolls.take(*(record(session, sequence) for sequence in (1, 2, 3)))
        rolls.broken = {3}
        with pytest.raises(StillFails) as failed:
            await rolls.replay()
        assert (failed.value.applied, failed.value.passes) == (2, False)

    async def test_what_is_retryable_is_told_from_what_must_be_mended(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        rolls.error = TryAgain("the seats are counted")
        with pytest.raises(StillFails) as failed:
            await rolls.replay()
        assert failed.value.passes
        assert await rolls.letters() == [(1, "dead")]

    async def test_after_it_the_key_goes_on(self, units: Units, session: UUID) -> None:
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        rolls.broken.clear()
        await rolls.replay()
        await rolls.take(record(session, 2))
        assert await rolls.effects(session) == [1, 2]

    async def test_a_discarded_event_frees_its_key_and_stays_discarded(self, units: Units, session: UUID) -> None:
        rolls, bad = Rolls(units, 1), record(session, 1)
        await rolls.take(bad)
        [row] = await rolls.rows("SELECT id FROM dead_letters")
        async with units.system() as unit:
            assert await dead_letters.decide(unit, row["id"], "discarded", "wrong session")
        rolls.broken.clear()
        await rolls.take(bad, record(session, 2))
        assert await rolls.effects(session) == [2]

    async def test_an_event_that_arrives_during_a_replay_comes_after_it(self, units: Units, session: UUID) -> None:
        """Append and replay take the same lock: no event slips in between."""
        rolls = Rolls(units, 1)
        await rolls.take(record(session, 1))
        rolls.broken.clear()
        async with units.system() as replaying:
            await parking.lock(replaying, "rolls", BOOKING.name, str(session).encode())
            arriving = asyncio.create_task(rolls.take(record(session, 2)))
            done, _ = await asyncio.wait({arriving}, timeout=0.5)
            assert not done, "it waits for the queue of its key"
            await replaying.execute(EFFECT, {"id": uuid4(), "key": str(session), "sequence": 1})
            await replaying.execute("UPDATE dead_letters SET state = 'replayed'")
        await arriving
        assert await rolls.effects(session) == [1, 2]
        assert await rolls.letters() == [(1, "replayed")]
