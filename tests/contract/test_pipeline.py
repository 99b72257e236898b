"""From records to effects: once, in order, nothing lost, whatever comes."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog

from shared.contracts.booking_v1 import ShareReleased, TrainerAssigned
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit, Units
from shared.messaging import pipeline as pipelines
from shared.messaging.delivery import Consumer, Delivery, Event, Record, Wants, each, only
from shared.messaging.pipeline import Pipeline, TryAgain
from tests.support.disturbed import Disturbed, Doubled, FailedFirst
from tests.support.events import headers_of, record

EFFECT = (
    "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('notes', :event_id, :key, :sequence, :note)"
)


class Notes:
    """A consumer that writes one row per event; `trouble` may raise before it does."""

    def __init__(
        self,
        units: Units,
        pipeline: type[Pipeline] = Pipeline,
        trouble: Callable[[Event], None] | None = None,
        wants: Wants | None = None,
    ) -> None:
        self.units = units
        self.calls = 0
        self.batches: list[int] = []
        self.trouble = trouble
        self.deliver = pipeline(Consumer("notes", (BOOKING,), self.handle, wants=wants), units).build()

    async def handle(self, unit: Unit, events: Sequence[Event]) -> None:
        self.batches.append(len(events))
        for event in events:
            self.calls += 1
            await unit.execute(
                EFFECT, {"event_id": event.id, "key": event.key, "sequence": event.sequence, "note": event.type}
            )
            if self.trouble:
                self.trouble(event)

    async def take(self, *records: Record) -> None:
        await self.deliver(Delivery(records))

    async def effects(self) -> list[int]:
        """The sequences of applied events, in the order of their effects."""
        return [row["sequence"] for row in await self.rows("SELECT sequence FROM effects ORDER BY id")]

    async def dead_letters(self) -> list[dict[str, Any]]:
        return await self.rows('SELECT * FROM dead_letters ORDER BY "offset"')

    async def position(self) -> int:
        rows = await self.rows("SELECT next_offset FROM consumer_positions WHERE consumer = 'notes'")
        return int(rows[0]["next_offset"]) if rows else 0

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        async with self.units.system() as unit:
            return [dict(row) for row in await unit.all(statement)]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "FIRST_PAUSE_SECONDS", 0.0)


@pytest.fixture
def session() -> UUID:
    return uuid4()


class TestOnce:
    async def test_an_event_is_applied(self, units: Units, session: UUID) -> None:
        notes = Notes(units)
        await notes.take(record(session, 1), record(session, 2))
        assert await notes.effects() == [1, 2]
        assert notes.batches == [2], "one transaction for the batch"
        assert await notes.position() == 3

    async def test_twice_in_one_batch(self, units: Units, session: UUID) -> None:
        notes, twice = Notes(units), record(session, 1)
        await notes.take(twice, twice, record(session, 2))
        assert await notes.effects() == [1, 2]

    async def test_in_two_batches(self, units: Units, session: UUID) -> None:
        notes, twice = Notes(units), record(session, 1)
        await notes.take(twice)
        await notes.take(twice, record(session, 2))
        assert await notes.effects() == [1, 2]

    async def test_the_same_event_at_another_offset(self, units: Units, session: UUID) -> None:
        """The relay sends again what it could not mark."""
        notes, event_id = Notes(units), uuid4()
        await notes.take(record(session, 1, offset=1, event_id=event_id))
        await notes.take(record(session, 1, offset=7, event_id=event_id))
        assert await notes.effects() == [1]
        assert await notes.position() == 8

    async def test_at_the_same_time_in_two_processes(self, units: Units, session: UUID) -> None:
        """During a rebalance two members can hold the same records."""
        batch = [record(session, sequence) for sequence in range(1, 30)]
        first, second = Notes(units), Notes(units)
        await asyncio.gather(first.take(*batch), second.take(*batch))
        assert await first.effects() == list(range(1, 30))

    async def test_another_consumer_has_its_own_inbox(self, units: Units, session: UUID) -> None:
        notes, event = Notes(units), record(session, 1)
        other = Pipeline(Consumer("other", (BOOKING,), notes.handle), units).build()
        await notes.take(event)
        await other(Delivery([event]))
        assert await notes.effects() == [1, 1]

    async def test_a_consumer_whose_rows_are_its_inbox_gets_everything(self, units: Units, session: UUID) -> None:
        notes, twice = Notes(units), record(session, 1)
        facts = Pipeline(Consumer("facts", (BOOKING,), notes.handle, deduplicates=True), units).build()
        await facts(Delivery([twice, twice]))
        assert await notes.effects() == [1, 1]
        assert await notes.rows("SELECT 1 FROM inbox") == []


POISON = {
    "unknown type": ("unknown-type", {"replaced": [("ce_type", b"se.kursnav.booking.lunch-served.v1")]}),
    "broken json": ("broken-json", {"value": b'{"session_id": '}),
    "empty value": ("broken-json", {"value": b""}),
    "header that is not UTF-8": ("header-not-utf8", {"replaced": [("x-note", b"\xff\xfe")]}),
    "wrong schema": ("wrong-schema", {"value": b'{"session_id": "x", "municipality": "1884", "seats": 1}'}),
    "another type's data": ("wrong-schema", {"replaced": [("ce_type", TrainerAssigned.ce_type.encode())]}),
    "tombstone": ("tombstone", {"without_value": True}),
    "no headers": ("not-cloudevents", {"headers": ()}),
    "id that is none": ("malformed-header", {"replaced": [("ce_id", b"17")]}),
}


class TestPoison:
    @pytest.mark.parametrize(("reason", "how"), POISON.values(), ids=POISON.keys())
    async def test_becomes_a_dead_letter_and_holds_back_nothing(
        self, units: Units, session: UUID, reason: str, how: dict[str, Any]
    ) -> None:
        if how.get("headers") is None:
            how = {"headers": headers_of(session), **how}
        notes, poison = Notes(units), record(session, 2, **how)

        await notes.take(record(session, 1), poison, record(session, 3))

        assert await notes.effects() == [1, 3]
        assert notes.batches == [2], "a record that cannot be decoded does not cost the batch"
        [letter] = await notes.dead_letters()
        assert (letter["reason"], letter["state"], letter["consumer"]) == (reason, "dead", "notes")
        assert letter["detail"]

    async def test_bytes_and_headers_are_kept_as_they_came(self, units: Units, session: UUID) -> None:
        notes = Notes(units)
        poison = record(session, 2, value=b"\x00\xff{", replaced=[("x-note", b"\xff\xfe")])
        await notes.take(poison)
        [letter] = await notes.dead_letters()
        kept = [(name, base64.b64decode(value)) for name, value in letter["headers"]]
        assert (letter["key"], letter["value"], kept) == (poison.key, poison.value, list(poison.headers))
        assert (letter["topic"], letter["partition"], letter["offset"]) == (BOOKING.name, 0, 2)
        assert letter["identity"] == dict(poison.headers)["ce_id"].decode()

    async def test_without_an_id_its_place_names_it(self, units: Units, session: UUID) -> None:
        notes = Notes(units)
        await notes.take(record(session, 5, headers=()))
        assert [letter["identity"] for letter in await notes.dead_letters()] == [f"{BOOKING.name}/0/5"]

    async def test_the_same_poison_again_is_one_dead_letter(self, units: Units, session: UUID) -> None:
        notes, poison = Notes(units), record(session, 2, value=b"{")
        await notes.take(poison, poison)
        await notes.take(poison)
        assert len(await notes.dead_letters()) == 1

    async def test_a_whole_batch_of_poison_is_passed(self, units: Units, session: UUID) -> None:
        notes = Notes(units)
        await notes.take(*(record(session, offset, value=b"{") for offset in range(1, 6)))
        assert len(await notes.dead_letters()) == 5
        assert await notes.position() == 6

    async def test_poison_is_not_in_the_inbox(self, units: Units, session: UUID) -> None:
        """So that a replay after an update of this service can apply it."""
        notes = Notes(units)
        await notes.take(record(session, 2, value=b"{"))
        assert await notes.rows("SELECT 1 FROM inbox") == []


class TestWhatIsNotWanted:
    OTHER: tuple[str, bytes] = ("ce_type", TrainerAssigned.ce_type.encode())

    async def test_passes_by_whatever_is_in_it(self, units: Units, session: UUID) -> None:
        notes = Notes(units, wants=only(ShareReleased))
        other, broken = record(session, 2, replaced=[self.OTHER]), record(session, 3, value=b"{", replaced=[self.OTHER])
        await notes.take(record(session, 1), other, broken)
        assert (await notes.effects(), await notes.dead_letters()) == ([1], [])
        assert await notes.position() == 4, "it is applied: there is nothing to apply"
        assert len(await notes.rows("SELECT 1 FROM inbox")) == 1

    async def test_a_whole_batch_of_it_is_passed(self, units: Units, session: UUID) -> None:
        notes = Notes(units, wants=only())
        await notes.take(record(session, 1), record(session, 2))
        assert (notes.batches, await notes.position()) == ([], 3)

    @pytest.mark.parametrize(("reason", "how"), POISON.values(), ids=POISON.keys())
    async def test_what_does_not_say_that_it_is_becomes_a_dead_letter(
        self, units: Units, session: UUID, reason: str, how: dict[str, Any]
    ) -> None:
        """Of a type of this topic that is wanted, or of none: a newer version of the consumer may want it."""
        notes = Notes(units, wants=only(ShareReleased, TrainerAssigned))
        await notes.take(record(session, 1, **{"headers": headers_of(session), **how}))
        assert [letter["reason"] for letter in await notes.dead_letters()] == [reason]

    async def test_of_several_types_in_one_record_the_last_counts(self, units: Units, session: UUID) -> None:
        """As when it is decoded."""
        notes, good = Notes(units, wants=only(ShareReleased)), record(session, 1)
        await notes.take(good._replace(headers=(self.OTHER, *good.headers)))
        await notes.take(record(session, 2)._replace(headers=(*good.headers, self.OTHER)))
        assert (await notes.effects(), await notes.dead_letters()) == ([1], [])


def fails_for(*sequences: int) -> Callable[[Event], None]:
    def trouble(event: Event) -> None:
        if event.sequence in sequences:
            raise ValueError(f"no rule for sequence {event.sequence}")

    return trouble


class TestFailureForGood:
    async def test_the_batch_is_rolled_back_and_applied_one_by_one(self, units: Units, session: UUID) -> None:
        notes = Notes(units, trouble=fails_for(3))
        await notes.take(*(record(session, sequence) for sequence in range(1, 6)))
        assert await notes.effects() == [1, 2, 4, 5], "each once, in order, although the batch had written some before"
        assert notes.batches == [5, 1, 1, 1, 1, 1]
        assert await notes.position() == 6

    async def test_the_guilty_one_becomes_a_dead_letter(self, units: Units, session: UUID) -> None:
        notes = Notes(units, trouble=fails_for(2))
        await notes.take(*(record(session, sequence) for sequence in range(1, 4)))
        [letter] = await notes.dead_letters()
        assert (letter["reason"], letter["offset"]) == ("ValueError", 2)
        assert "no rule for sequence 2" in letter["detail"]

    async def test_its_effect_and_inbox_row_are_gone(self, units: Units, session: UUID) -> None:
        notes = Notes(units, trouble=fails_for(1))
        await notes.take(record(session, 1))
        assert await notes.effects() == []
        assert await notes.position() == 2, "it is passed, and lag ends"
        assert await notes.rows("SELECT 1 FROM inbox") == []

    async def test_an_error_of_the_database_is_handled_alike_and_quotes_no_row(
        self, units: Units, session: UUID
    ) -> None:
        notes = Notes(units)

        async def collides(unit: Unit, events: Sequence[Event]) -> None:
            for event in events:
                for _ in range(event.sequence):
                    insert = "INSERT INTO notes (id, municipality, text) VALUES (:id, '1884', 'Hemlig')"
                    await unit.execute(insert, {"id": event.id})

        deliver = Pipeline(Consumer("collides", (BOOKING,), collides), units).build()
        await deliver(Delivery([record(session, 1), record(session, 2)]))

        [letter] = await notes.dead_letters()
        assert letter["reason"] == "IntegrityError"
        assert "Hemlig" not in letter["detail"]
        assert len(await notes.rows("SELECT 1 FROM notes")) == 1

    async def test_events_that_a_failed_handler_published_are_not_sent(self, units: Units, session: UUID) -> None:
        async def publishes_then_fails(unit: Unit, events: Sequence[Event]) -> None:
            unit.emit(ShareReleased(session_id=session, municipality="1884", seats=1))
            raise ValueError

        deliver = Pipeline(Consumer("fails", (BOOKING,), publishes_then_fails), units).build()
        await deliver(Delivery([record(session, 1)]))
        assert await Notes(units).rows("SELECT 1 FROM outbox") == []


class TestWhatPassesByItself:
    async def test_is_tried_again_until_it_passes(self, units: Units, session: UUID) -> None:
        attempts = iter([TryAgain(), ConnectionError(), TryAgain()])

        def trouble(_: Event) -> None:
            for error in attempts:
                raise error

        notes = Notes(units, trouble=trouble)
        await notes.take(record(session, 1), record(session, 2))
        assert await notes.effects() == [1, 2]
        assert await notes.dead_letters() == []

    async def test_if_it_stays_the_batch_is_given_back_untouched(self, units: Units, session: UUID) -> None:
        def trouble(event: Event) -> None:
            if event.sequence == 2:
                raise TryAgain

        notes = Notes(units, trouble=trouble)
        with pytest.raises(TryAgain):
            await notes.take(record(session, 1), record(session, 2))
        assert await notes.effects() == []
        assert await notes.dead_letters() == []
        assert await notes.position() == 0
        assert notes.batches == [2] * pipelines.ATTEMPTS_BEFORE_NACK

    async def test_in_the_middle_of_one_by_one_nothing_is_applied_twice(self, units: Units, session: UUID) -> None:
        """Record 1 fails for good, record 2 is transient once: 1 is buried, 2 and 3 are applied once."""
        transient = iter([TryAgain()])

        def trouble(event: Event) -> None:
            if event.sequence == 1:
                raise ValueError
            for error in transient:
                raise error

        notes = Notes(units, trouble=trouble)
        await notes.take(*(record(session, sequence) for sequence in (1, 2, 3)))
        assert await notes.effects() == [2, 3]
        assert [letter["offset"] for letter in await notes.dead_letters()] == [1]

    def test_the_pauses_grow_and_stay_below_half_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pipelines, "FIRST_PAUSE_SECONDS", 0.05)
        for attempt in range(1, 20):
            longest = min(30.0, 0.05 * 2**attempt)
            assert longest / 2 <= pipelines.backoff_seconds(attempt) <= longest


class TestStagesForTests:
    async def test_delivering_everything_twice_changes_nothing(self, units: Units, session: UUID) -> None:
        notes = Notes(units, Doubled)
        await notes.take(*(record(session, sequence) for sequence in (1, 2, 3)))
        assert await notes.effects() == [1, 2, 3]

    async def test_it_would_show_a_missing_inbox(self, units: Units, session: UUID) -> None:
        """The control: without de-duplication the same stage makes four effects of one."""
        notes = Notes(units)
        careless = Consumer("careless", (BOOKING,), notes.handle, deduplicates=True)
        await Doubled(careless, units).build()(Delivery([record(session, 1)]))
        assert len(await notes.effects()) > 1

    async def test_failing_each_first_attempt_changes_nothing_and_tries_twice(
        self, units: Units, session: UUID
    ) -> None:
        notes = Notes(units, FailedFirst)
        await notes.take(*(record(session, sequence) for sequence in (1, 2, 3)))
        assert await notes.effects() == [1, 2, 3]
        assert notes.batches == [3, 3]

    async def test_both_together_with_poison(self, units: Units, session: UUID) -> None:
        notes = Notes(units, Disturbed, trouble=fails_for(3))
        await notes.take(record(session, 1), record(session, 2, value=b"{"), record(session, 3), record(session, 4))
        assert await notes.effects() == [1, 4]
        assert [letter["offset"] for letter in await notes.dead_letters()] == [2, 3]


async def test_what_a_handler_publishes_names_its_cause(units: Units, session: UUID) -> None:
    async def answer(unit: Unit, event: Event) -> None:
        unit.emit(ShareReleased(session_id=session, municipality="1884", seats=9))

    cause = record(session, 1)
    await Pipeline(Consumer("answers", (BOOKING,), each({ShareReleased: answer})), units).build()(Delivery([cause]))

    [row] = await Notes(units).rows("SELECT headers FROM outbox")
    assert row["headers"]["ce_causationid"] == dict(cause.headers)["ce_id"].decode()
    assert row["headers"]["ce_correlationid"] == "request-1"


async def test_types_that_a_handler_does_not_name_pass_by(units: Units, session: UUID) -> None:
    notes = Notes(units)
    await Pipeline(Consumer("nothing", (BOOKING,), each({})), units).build()(Delivery([record(session, 1)]))
    assert (await notes.effects(), await notes.dead_letters()) == ([], [])


async def test_the_log_context_ends_with_the_batch(units: Units, session: UUID) -> None:
    seen: list[dict[str, Any]] = []

    def look(_: Event) -> None:
        seen.append(structlog.contextvars.get_contextvars())

    await Notes(units, trouble=look).take(record(session, 1))
    assert seen[0]["consumer"] == "notes"
    assert structlog.contextvars.get_contextvars() == {}
