"""What has had its time is forgotten, in steps; nothing that is still needed, whatever is asked."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from shared.contracts.topics import BOOKING
from shared.database import retention
from shared.database.unit_of_work import Unit, Units
from shared.messaging import dead_letters
from shared.messaging.delivery import Consumer, Delivery, Event
from shared.messaging.pipeline import Pipeline
from tests.support.databases import superuser_url
from tests.support.events import record
from tests.support.notes import Notes
from tests.support.stack import Stack

NOW = datetime.now(UTC)
APPLIED = "INSERT INTO inbox SELECT 'notes', gen_random_uuid(), now() - $1::interval FROM generate_series(1, $2)"
LATER = NOW + timedelta(days=365)


Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def admin(stack: Stack, database: str) -> AsyncIterator[Admin]:
    connection = await asyncpg.connect(superuser_url(stack.admin_url, database))
    yield connection
    await connection.close()


async def test_it_goes_in_small_transactions(units: Units, admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "STEP", 10)
    await admin.execute(APPLIED, timedelta(days=100), 25)
    await admin.execute(APPLIED, timedelta(days=80), 5)
    transactions = await admin.fetchval("SELECT pg_current_xact_id()::text::bigint")

    assert await retention.forget(units, "inbox", NOW - timedelta(days=90)) == 25

    assert await admin.fetchval("SELECT count(*) FROM inbox") == 5
    written = await admin.fetchval("SELECT pg_current_xact_id()::text::bigint") - transactions - 1
    assert written >= 3, "one for each step"


@pytest.mark.parametrize("what", ["inbox", "idempotency_keys", "replayed_letters"])
async def test_nothing_younger_than_the_owner_allows_goes_whatever_is_asked(
    units: Units, notes: Notes, admin: Admin, what: str
) -> None:
    await admin.execute(APPLIED, timedelta(0), 1)
    await notes.post("answered", key="k1")
    await replayed_letter(units)
    assert await retention.forget(units, what, LATER) == 0

    for statement in AGED:
        await admin.execute(statement, timedelta(days=8))
    assert await retention.forget(units, what, LATER) == 1


AGED = (
    "UPDATE inbox SET applied_at = applied_at - $1::interval",
    "UPDATE idempotency_keys SET created_at = created_at - $1::interval",
    "UPDATE dead_letters SET decided_at = decided_at - $1::interval",
)


async def test_what_nobody_may_forget_is_refused(units: Units) -> None:
    for what in ("notes", "outbox", "consumer_positions"):
        with pytest.raises(DBAPIError, match="case not found"):
            await retention.forget(units, what, LATER)


async def test_a_discarded_event_loses_its_content_and_stays_discarded(units: Units, admin: Admin) -> None:
    """Delivered again, as by a rebuild, it is neither applied nor asked about."""
    applied: list[Event] = []

    async def apply(_: Unit, events: Sequence[Event]) -> None:
        applied.extend(events)

    event = record(uuid4(), 1)
    async with units.system() as unit:
        await dead_letters.bury(unit, "notes", event, "ValueError", "no rule for it")
        letter = await unit.scalar("SELECT id FROM dead_letters")
        assert await dead_letters.decide(unit, letter, "discarded", "a test's")
    await admin.execute(AGED[2], timedelta(days=200))

    assert await retention.forget(units, "discarded_letters", NOW - timedelta(days=180)) == 1
    assert await retention.forget(units, "discarded_letters", NOW - timedelta(days=180)) == 0, "it is empty already"

    [kept] = await admin.fetch("SELECT * FROM dead_letters")
    assert (kept["key"], kept["value"], kept["headers"], kept["detail"]) == (None, None, "[]", "")
    assert (kept["state"], kept["decision_reason"]) == ("discarded", "a test's")
    await Pipeline(Consumer("notes", (BOOKING,), apply), units).build()(Delivery([event]))
    assert applied == []


@pytest.mark.parametrize("what", ["replayed_letters", "discarded_letters"])
async def test_an_open_dead_letter_is_kept_however_old(units: Units, admin: Admin, what: str) -> None:
    async with units.system() as unit:
        await dead_letters.bury(unit, "notes", record(uuid4(), 1), "ValueError", "no rule for it")
    await admin.execute("UPDATE dead_letters SET received_at = received_at - interval '3 years'")
    assert await retention.forget(units, what, LATER) == 0


async def replayed_letter(units: Units) -> None:
    async with units.system() as unit:
        await dead_letters.bury(unit, "notes", record(uuid4(), 1), "ValueError", "no rule for it")
        assert await dead_letters.decide(unit, await unit.scalar("SELECT id FROM dead_letters"), "replayed", "mended")
