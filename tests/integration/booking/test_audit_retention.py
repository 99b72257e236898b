"""The audit is kept for as long as the project says; without a word from it, for good."""

from typing import Any

import asyncpg

from services.booking.retention import forget_old
from shared.security.roles import Role
from tests.support.databases import superuser_url
from tests.support.services import Origin

PROJECT = {
    "name": "Kompetensnavet",
    "period": {"from": "2025-01-01", "to": "2027-06-30"},
    "grant": "23731055",
    "commitment_minutes": 2_520_000,
}


async def test_entries_older_than_the_setting_go(booking: Origin) -> None:
    await put_project(booking)
    await aged(booking, days=400)
    assert await left(booking) == 1, "no setting"
    await put_project(booking, {"key": "retention.audit_days", "value": 365, "valid_from": "2025-01-01"})
    assert await left(booking) == 1, "the entry of the setting itself"
    await aged(booking, days=360)
    assert await left(booking) == 1


async def test_those_of_the_last_month_stay_whatever_the_setting_says(booking: Origin) -> None:
    """So that nobody wipes their tracks by a setting."""
    await put_project(booking, {"key": "retention.audit_days", "value": 1, "valid_from": "2025-01-01"})
    await aged(booking, days=29)
    assert await left(booking) == 1
    await aged(booking, days=2)
    assert await left(booking) == 0


async def test_the_audit_of_one_actor_is_read_by_an_index(booking: Origin) -> None:
    connection = await asyncpg.connect(superuser_url(booking.stack.admin_url, booking.databases["booking"]))
    try:
        await connection.execute(
            """
            INSERT INTO audit (id, at, occurred_at, actor, actor_role, action, target)
            SELECT gen_random_uuid(), now(), now(), 'actor ' || n % 500, 'coordinator', 'staff-added', 'staff/' || n
              FROM generate_series(1, 20000) AS n
            """
        )
        await connection.execute("ANALYZE audit")
        rows = await connection.fetch("EXPLAIN SELECT * FROM audit WHERE actor = 'actor 7' ORDER BY id DESC LIMIT 101")
    finally:
        await connection.close()
    assert any("ix_audit_actor" in row["QUERY PLAN"] for row in rows), rows


async def put_project(booking: Origin, *settings: dict[str, Any]) -> None:
    client = booking.client(Role.COORDINATOR)
    known = await client.get("/booking/v1/project")
    headers = {"If-Match": known.headers["etag"]} if known.status_code == 200 else {}
    answer = await client.put("/booking/v1/project", json={**PROJECT, "settings": list(settings)}, headers=headers)
    assert answer.is_success, answer.text


async def aged(booking: Origin, days: int) -> None:
    """As if so many days had passed since what is there was written."""
    connection = await asyncpg.connect(superuser_url(booking.stack.admin_url, booking.databases["booking"]))
    try:
        await connection.execute("UPDATE audit SET at = at - make_interval(days => $1)", days)
    finally:
        await connection.close()


async def left(booking: Origin) -> int:
    """How many entries are there after the job."""
    await forget_old(booking.services["booking"].units)
    [row] = await booking.rows("booking", "SELECT count(*) AS entries FROM audit")
    return int(row["entries"])
