"""Registrations as pages list them: with the person's name and the session's time, in the caller's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.queue import positions
from services.booking.registrations.problems import registration_missing
from services.booking.registrations.queries import who_came
from shared.clock import day_end, day_start
from shared.database.unit_of_work import Unit

SELECT = """
    SELECT r.id, r.session_id, r.staff_id, r.municipality, r.status, r.late, r.neutral, r.ended_at, r.successor_id,
           r.registered_at, r.entry_id, r.override_reason, f.given_name || ' ' || f.family_name AS name, f.workplace,
           (r.status = 'waitlisted' AND EXISTS (SELECT 1 FROM registrations o WHERE o.entry_id = r.entry_id
               AND o.id <> r.id AND o.status = 'waitlisted')) AS grouped,
           s.starts_at, s.ends_at, s.venue, s.host_municipality, s.cancellation_deadline, s.course,
           s.state AS session_state, c.title
"""
THIS = """
      FROM registrations r
      JOIN staff f ON f.id = r.staff_id
      JOIN sessions s ON s.id = r.session_id
      JOIN courses c ON c.code = s.course
     WHERE r.id = :id
"""
ONE = text(SELECT + THIS)
FILTERS = """
     WHERE (CAST(:status AS text) IS NULL OR r.status = :status)
       AND (CAST(:course AS text) IS NULL OR s.course = :course)
       AND (CAST(:municipality AS text) IS NULL OR r.municipality = :municipality)
       AND (CAST(:workplace AS text) IS NULL OR f.workplace = :workplace)
       AND (CAST(:begins AS timestamptz) IS NULL OR s.ends_at > :begins)
       AND (CAST(:ends AS timestamptz) IS NULL OR s.starts_at < :ends)
       AND (CAST(:after_start AS timestamptz) IS NULL
            OR (s.starts_at, r.id) {0} (:after_start, CAST(:after_id AS uuid)))
     ORDER BY s.starts_at {1}, r.id {1}
     LIMIT :fetch
"""
# Session after session, until the page is full (OFFSET keeps PostgreSQL from beginning with all staff). A filter that
# is not given is null.
EVERYBODY = """
      FROM sessions s
      JOIN courses c ON c.code = s.course
     CROSS JOIN LATERAL (SELECT * FROM registrations WHERE session_id = s.id OFFSET 0) r
     CROSS JOIN LATERAL (SELECT * FROM staff WHERE id = r.staff_id OFFSET 0) f
"""
# Few are called so: from them to their registrations.
NAMED = """
      FROM (SELECT * FROM staff
             WHERE name_key >= :begin AND name_key < CAST(:begin AS text) || chr(1114111)
                OR family_name_key >= :begin AND family_name_key < CAST(:begin AS text) || chr(1114111)
            OFFSET 0) f
     CROSS JOIN LATERAL (SELECT * FROM registrations WHERE staff_id = f.id OFFSET 0) r
      JOIN sessions s ON s.id = r.session_id
      JOIN courses c ON c.code = s.course
"""
PAGES = {
    (named, latest_first): text(SELECT + (NAMED if named else EVERYBODY) + FILTERS.format(*order))
    for named in (False, True)
    for latest_first, order in ((False, (">", "ASC")), (True, ("<", "DESC")))
}

Status = Literal["confirmed", "waitlisted", "cancelled", "substituted"]


@dataclass(frozen=True)
class Wanted:
    """What the list is limited to, and its order; `from_` and `to` are local days, both inclusive."""

    status: Status | None = None
    course: str | None = None
    municipality: str | None = None
    workplace: str | None = None
    begins_with: str | None = None
    from_: date | None = None
    to: date | None = None
    latest_first: bool = False

    def parameters(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "course": self.course,
            "municipality": self.municipality,
            "workplace": self.workplace,
            "begins": day_start(self.from_) if self.from_ else None,
            "ends": day_end(self.to) if self.to else None,
        }


@dataclass(frozen=True)
class Listed:
    """A registration with its person and its session. `position` while it waits; `grouped`: with others."""

    id: UUID
    session_id: UUID
    staff_id: UUID
    municipality: str
    status: Status
    late: bool
    neutral: bool
    ended_at: datetime | None
    successor_id: UUID | None
    registered_at: datetime
    entry_id: UUID | None
    override_reason: str | None
    grouped: bool
    name: str
    workplace: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    host_municipality: str
    cancellation_deadline: datetime
    course: str
    session_state: str
    title: str
    position: int | None

    @classmethod
    def of(cls, row: RowMapping, places: Mapping[UUID, int], came: set[UUID]) -> Self:
        values = {one.name: row[one.name] for one in fields(cls) if one.name != "position"}
        return cls(**{**values, "late": bool(row["late"]) and row["id"] not in came}, position=places.get(row["id"]))

    @property
    def active(self) -> bool:
        return self.status in ("confirmed", "waitlisted")

    def open_at(self, at: datetime) -> bool:
        """Whether it can be cancelled and moved: the session is not over."""
        return self.active and self.session_state == "scheduled" and at < self.ends_at

    def replaceable_at(self, at: datetime) -> bool:
        """Whether somebody else can take the place: the session has not begun."""
        return self.open_at(at) and at < self.starts_at


async def find_listed(unit: Unit, registration_id: UUID) -> Listed:
    """One registration. Raises 404, also for a row that the caller may not see."""
    row = await unit.found(ONE, {"id": registration_id}, missing=registration_missing())
    return (await _listed(unit, [row]))[0]


async def listed_page(unit: Unit, wanted: Wanted, after: tuple[datetime, UUID] | None, fetch: int) -> list[Listed]:
    """Up to `fetch` registrations after a place, in order of their sessions' start."""
    start, registration_id = after or (None, None)
    place = {"after_start": start, "after_id": registration_id, "fetch": fetch}
    asked = wanted.parameters() | place
    if wanted.begins_with is not None:
        asked["begin"] = wanted.begins_with.lower()
    statement = PAGES[wanted.begins_with is not None, wanted.latest_first]
    return await _listed(unit, await unit.all(statement, asked))


async def _listed(unit: Unit, rows: Sequence[RowMapping]) -> list[Listed]:
    async with unit.as_system():  # a position counts the entries of other municipalities too
        places = await positions(unit, [row["id"] for row in rows if row["status"] == "waitlisted"])
        came = await who_came(unit, [row for row in rows if row["late"]])
    return [Listed.of(row, places, came) for row in rows]
