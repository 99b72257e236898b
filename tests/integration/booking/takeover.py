"""Short words for the tests of substitutions and moves."""

from datetime import datetime
from typing import Any

import httpx2

from tests.support.booking_world import Json, World


async def substituted(world: World, session: str, staff: str, by_staff: str, **options: Any) -> Json:
    """The new registration after a substitution."""
    return created(await substitute(world, session, staff, by_staff, **options))


async def substitute(
    world: World,
    session: str,
    staff: str,
    by_staff: str,
    *,
    by: httpx2.AsyncClient | None = None,
    at: datetime | None = None,
) -> httpx2.Response:
    """The answer to a substitution."""
    return await _post(world, session, staff, "substitute", {"staff": by_staff}, by, at)


async def moved(world: World, session: str, staff: str, to: str, **options: Any) -> Json:
    """The new registration after a move."""
    return created(await move(world, session, staff, to, **options))


async def move(
    world: World,
    session: str,
    staff: str,
    to: str,
    *,
    by: httpx2.AsyncClient | None = None,
    at: datetime | None = None,
) -> httpx2.Response:
    """The answer to a move."""
    return await _post(world, session, staff, "move", {"session": to}, by, at)


async def _post(
    world: World,
    session: str,
    staff: str,
    verb: str,
    body: Json,
    by: httpx2.AsyncClient | None,
    at: datetime | None,
) -> httpx2.Response:
    registration = (await world.registration(session, staff))["id"]
    headers = {"Kursnav-Occurred-At": at.isoformat()} if at else {}
    path = f"/booking/v1/registrations/{registration}/{verb}"
    return await (by or world.coordinator).post(path, json=body, headers=headers)


def created(answer: httpx2.Response) -> Json:
    assert answer.status_code == 201, answer.text
    body: Json = answer.json()
    return body


async def noted(world: World, registration: str) -> list[str]:
    """What became of a registration's support needs on the encrypted topic: noted, erased."""
    rows = await world.origin.rows(
        "booking", "SELECT value FROM outbox WHERE key = $1 ORDER BY sequence", f"support/{registration}"
    )
    return ["erased" if row["value"] is None else "noted" for row in rows]


async def audit_of(world: World, registration: str) -> list[Json]:
    """The audit of a registration, newest first."""
    found: list[Json] = (await world.get("/booking/v1/audit", target=f"registration/{registration}"))["items"]
    return found
