"""What commits together: effect, inbox, position and dead letters of a batch, all or nothing of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit, Units
from shared.messaging import inbox
from shared.messaging import pipeline as pipelines
from shared.messaging.delivery import Consumer, Delivery, Event, Record
from shared.messaging.pipeline import Pipeline, TryAgain
from tests.contract.test_pipeline import Notes
from tests.support.events import record

COUNTS = "SELECT (SELECT count(*) FROM {table}) AS rows"
TABLES = ("effects", "inbox", "consumer_positions", "dead_letters")


@pytest.fixture(autouse=True)
def _few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(pipelines, "ATTEMPTS_BEFORE_NACK", 2)


@pytest.fixture
def session() -> UUID:
    return uuid4()


async def left(notes: Notes) -> dict[str, int]:
    """The number of rows in each table of a consumer's transaction, where there are any."""
    found = {table: (await notes.rows(COUNTS.format(table=table)))[0]["rows"] for table in TABLES}
    return {table: rows for table, rows in found.items() if rows}


def fails(*_: Any, **__: Any) -> Any:
    raise TryAgain


async def test_without_the_position_there_is_no_effect(
    units: Units, session: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes(units)
    monkeypatch.setattr(inbox, "advance", fails)
    with pytest.raises(TryAgain):
        await notes.take(record(session, 1))
    assert await left(notes) == {}


async def test_without_the_effect_there_is_no_position_no_inbox_row_and_no_dead_letter_beside_it(
    units: Units, session: UUID
) -> None:
    """Poison of a batch that is given back comes again with it."""
    notes = Notes(units, trouble=fails)
    with pytest.raises(TryAgain):
        await notes.take(record(session, 1), record(session, 2, value=b"{"))
    assert await left(notes) == {}


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03", "57P03", "53300"])
async def test_what_the_database_refuses_for_the_moment_is_given_back_and_no_dead_letter(
    units: Units, session: UUID, state: str
) -> None:
    async def meets_it(unit: Unit, events: Sequence[Event]) -> None:
        await unit.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")

    deliver = Pipeline(Consumer("notes", (BOOKING,), meets_it), units).build()
    with pytest.raises(DBAPIError):
        await deliver(Delivery([record(session, 1), record(session, 2)]))
    assert await left(Notes(units)) == {}


async def test_all_of_it_at_once(units: Units, session: UUID) -> None:
    notes = Notes(units)
    await notes.take(record(session, 1), record(session, 2, value=b"{"))
    assert await left(notes) == dict.fromkeys(TABLES, 1)


async def test_a_dead_letter_of_its_own_transaction_moves_the_position_or_is_not_there(
    units: Units, session: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a handler refuses for good: its effect is rolled back, so its dead letter needs a transaction of its own."""
    notes = Notes(units, trouble=refuses)
    advance = inbox.advance

    async def once_more(unit: Unit, consumer: str, records: Sequence[Record]) -> None:
        await advance(unit, consumer, records)
        raise TryAgain

    with monkeypatch.context() as broken:
        broken.setattr(inbox, "advance", once_more)
        with pytest.raises(TryAgain):
            await notes.take(record(session, 1))
    assert await left(notes) == {}
    await notes.take(record(session, 1))
    assert await left(notes) == {"consumer_positions": 1, "dead_letters": 1}


def refuses(_: Event) -> None:
    raise ValueError("no rule for it")
