"""What was marked and sealed is evidence: whoever holds the service's own password can add to it, and no more."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.attendance.retention import EVIDENCE, forget_old
from tests.support.databases import app_url
from tests.support.school import NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE marks SET minutes = 480", asyncpg.InsufficientPrivilegeError),
        ("UPDATE marks SET recorded_by = 'somebody else'", asyncpg.InsufficientPrivilegeError),
        ("UPDATE marks SET standing = 'discarded'", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM marks", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM rolls", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM cells", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM outbox", asyncpg.InsufficientPrivilegeError),
        ("UPDATE seals SET content = '{}'", asyncpg.InsufficientPrivilegeError),
        ("UPDATE refused_marks SET problem = 'none'", asyncpg.InsufficientPrivilegeError),
        ("UPDATE head_counts SET count = 40", asyncpg.InsufficientPrivilegeError),
    ],
)
async def test_it_can_be_neither_changed_nor_deleted(school: School, statement: str, error: type[Exception]) -> None:
    session, [anna] = await school.with_people(1)
    assert await school.outcomes(session, mark(session, anna)) == ["accepted"]
    await school.attest(session)
    origin = school.origin
    connection = await asyncpg.connect(app_url(origin.stack.admin_url, "attendance", origin.databases["attendance"]))
    try:
        await connection.execute("SELECT set_config('kursnav.scope', 'system', false)")
        with pytest.raises(error):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_after_its_last_day_it_goes_and_what_is_of_later_sessions_stays(school: School) -> None:
    (old, [anna, bo]), (new, [cia]) = await school.with_people(2), await school.with_people(1, starts=[NINE + 90 * DAY])
    for session, person in (old, anna), (new, cia):
        await everything_of(school, session, person)
    await school.outcomes(old, mark(old, bo), mark(old, bo, "absent"), device="another")
    units = school.origin.services["attendance"].units
    await forget_old(units)
    assert (await kept(school, old)).keys() == (await kept(school, new)).keys() | {"conflicts"}
    await school.tell(school.project(evidence_until("2125-04-30")))
    await forget_old(units)
    before = await kept(school, new)
    assert (await kept(school, old)).keys() > before.keys()
    await school.tell(school.project(evidence_until("2025-04-30")))
    await forget_old(units)
    assert await kept(school, old) == {}
    assert await kept(school, new) == before
    assert (await school.roll(old))["people"] == []


async def test_the_owner_lets_nothing_go_that_is_younger_than_a_year(school: School) -> None:
    session, [anna] = await school.with_people(1, starts=[datetime.now(UTC) - 300 * DAY])
    assert await school.outcomes(session, mark(session, anna)) == ["accepted"]
    await school.tell(school.project(evidence_until(f"{datetime.now(UTC) - 2 * DAY:%Y-%m-%d}")))
    await forget_old(school.origin.services["attendance"].units)
    assert (await kept(school, session)).keys() == {"marks", "cells", "roll_entries"}


async def test_wrong_codes_go_when_they_count_no_longer(school: School) -> None:
    entered = "INSERT INTO wrong_codes VALUES ($1, $1, now() - make_interval(mins => $2))"
    old, new = uuid4(), uuid4()
    for tried, minutes in (old, 61), (new, 59):
        await school.origin.rows("attendance", entered, tried, minutes)
    await forget_old(school.origin.services["attendance"].units)
    left = await school.origin.rows("attendance", "SELECT id FROM wrong_codes WHERE id IN ($1, $2)", old, new)
    assert [row["id"] for row in left] == [new]


def evidence_until(day: str) -> tuple[str, str, str]:
    return "retention.evidence_until", day, "2025-01-01"


async def everything_of(school: School, session: Session, person: UUID) -> None:
    """Marked, attested, signed, and certified; one mark was refused, and somebody came unregistered."""
    trainer = school.trainer(session.trainers[0])
    came, path = str(uuid4()), f"/attendance/v1/sessions/{session.id}"
    assert (await trainer.post(f"{path}/walk-ins", json={"walk_in_id": came})).status_code == 201
    occasion = str(session.occasions[0].occasion_id)
    counted = {"head_count_id": str(uuid4()), "occasion_id": occasion, "count": 3}
    assert (await trainer.post(f"{path}/head-count", json=counted)).status_code == 201
    held = {**mark(session, person), "walk_in_id": came}
    del held["participant_id"]
    refused = mark(session, person, base_version=10_000)
    assert await school.outcomes(session, mark(session, person), held, refused) == ["accepted", "held", "rejected"]
    await school.post(f"/sessions/{session.id}/marks/{held['mark_id']}/discard", {"reason": "Fel sal"})
    link = (UUID(came), session.id, person)
    await school.origin.rows("attendance", "INSERT INTO walk_in_links VALUES ($1, $2, $3)", *link)
    await school.attest(session)
    month = f"{session.occasions[0].starts_at:%Y-%m}"
    [shown] = (await got(school.coordinator, f"/attendance/v1/months?month={month}&participant_id={person}"))["items"]
    paper = {name: shown[name] for name in ("participant_id", "month", "document_hash")}
    await school.post("/signatures", {**paper, "method": "paper", "document_ref": "Pärm 1"}, 201)
    pdf = await school.coordinator.get(f"/attendance/v1/certificates/{person}/{session.id}.pdf")
    assert pdf.status_code == 200, pdf.text


async def kept(school: School, session: Session) -> dict[str, int]:
    """How many rows there are of a session, by table."""
    of_session = {table: f"SELECT count(*) AS n FROM {table} WHERE session_id = $1" for table in EVIDENCE}
    of_session["signatures"] = (
        "SELECT count(DISTINCT sig.id) AS n FROM signatures AS sig JOIN signed_items AS item ON sig.id = signature_id "
        "WHERE session_id = $1"
    )
    counts = {
        name: (await school.origin.rows("attendance", sql, session.id))[0]["n"] for name, sql in of_session.items()
    }
    return {name: count for name, count in counts.items() if count}
