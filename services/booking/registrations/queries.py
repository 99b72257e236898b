"""Reading registrations, in the caller's scope: a municipality its own, a trainer those of own sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlmodel import col

from services.booking.allocation.queue import positions
from services.booking.allocation.tables import Registration
from services.booking.registrations.bodies import EndShown, RegistrationShown
from services.booking.registrations.problems import registration_missing
from shared.database.conditions import where_given
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.sorting import swedish_order
from shared.web.cursors import Page

CAME = text(
    """
    SELECT r.id FROM registrations r
      JOIN attended a ON a.session_id = r.session_id AND a.participant_id = r.participant_id
     WHERE r.id = ANY(CAST(:ids AS uuid[])) AND a.minutes > 0
    """
)

ATTENDEES = text(
    """
    SELECT r.id, r.staff_id, r.municipality, r.status, r.support_needs, f.given_name, f.family_name, f.workplace,
           (r.status = 'waitlisted' AND EXISTS (SELECT 1 FROM registrations o WHERE o.entry_id = r.entry_id
               AND o.id <> r.id AND o.status = 'waitlisted')) AS grouped
      FROM registrations r JOIN staff f ON f.id = r.staff_id
     WHERE r.session_id = :session AND r.status IN ('confirmed', 'waitlisted')
    """
)


@dataclass(frozen=True)
class Filter:
    """What a list of registrations is limited to."""

    session: UUID | None = None
    staff: UUID | None = None
    municipality: str | None = None
    status: str | None = None


async def registration_row(unit: Unit, registration_id: UUID) -> RowMapping:
    """The stored registration. Raises 404, also for a row that the caller may not see."""
    return await unit.found(
        select(Registration).where(col(Registration.id) == registration_id), missing=registration_missing()
    )


async def find_registration(unit: Unit, registration_id: UUID) -> tuple[RegistrationShown, int]:
    """One registration and its revision. Raises 404, also for a row that the caller may not see."""
    row = await registration_row(unit, registration_id)
    [shown] = await _shown(unit, [row])
    return shown, row["revision"]


async def registrations_page(unit: Unit, wanted: Filter, page: Page) -> list[RegistrationShown]:
    """Registrations in the order in which they were entered."""
    conditions = where_given(
        (Registration.session_id, wanted.session),
        (Registration.staff_id, wanted.staff),
        (Registration.municipality, wanted.municipality),
        (Registration.status, wanted.status),
    )
    statement = page.cut(select(Registration).where(*conditions), col(Registration.id))
    return await _shown(unit, await unit.all(statement))


async def _shown(unit: Unit, rows: Sequence[RowMapping]) -> list[RegistrationShown]:
    waiting = [row["id"] for row in rows if row["status"] == "waitlisted"]
    ended = [row for row in rows if row["status"] == "cancelled"]
    async with unit.as_system():  # a position counts the entries of other municipalities too
        places = await positions(unit, waiting)
        came = await who_came(unit, ended)
    tells_why = unit.role is not Role.TRAINER
    return [_registration(row, places.get(row["id"]), tells_why=tells_why, came=row["id"] in came) for row in rows]


async def who_came(unit: Unit, ended: Sequence[RowMapping]) -> set[UUID]:
    """Those of the cancelled registrations whose persons were there all the same, by an attested roll.

    Only in system scope.
    """
    if not ended:
        return set()
    rows = await unit.all(CAME, {"ids": [row["id"] for row in ended]})
    return {row["id"] for row in rows}


def _registration(row: RowMapping, position: int | None, *, tells_why: bool, came: bool) -> RegistrationShown:
    return RegistrationShown(
        id=row["id"],
        session=row["session_id"],
        staff=row["staff_id"],
        participant_id=row["participant_id"],
        employment_id=row["employment_id"],
        municipality=row["municipality"],
        status=row["status"],
        via=row["via"],
        position=position,
        registered_at=row["registered_at"],
        confirmed_at=row["confirmed_at"],
        cancelled=_end(row, tells_why=tells_why, came=came),
        moved_to=row["successor_id"] if row["status"] == "cancelled" else None,
        substituted_by=row["successor_id"] if row["status"] == "substituted" else None,
        support_needs=row["support_needs"],
        override_reason=row["override_reason"] if tells_why else None,
    )


def _end(row: RowMapping, *, tells_why: bool, came: bool) -> EndShown | None:
    if row["status"] != "cancelled":
        return None
    return EndShown(
        at=row["ended_at"],
        was=row["was"],
        late=row["late"] and not came,
        attended=came,
        neutral=row["neutral"],
        by=row["ended_by"],
        reason=row["reason"] if tells_why else None,
        note=row["note"] if tells_why else None,
    )


@dataclass(frozen=True)
class Attendee:
    """A person on a session, as a page lists it; `grouped`: it waits together with others."""

    registration_id: UUID
    staff_id: UUID
    name: str
    workplace: str
    municipality: str
    status: str
    position: int | None
    support_needs: Sequence[str]
    grouped: bool


async def attendees(unit: Unit, session_id: UUID) -> list[Attendee]:
    """Who of those that the scope shows has a place or waits for one, those who wait by their position."""
    rows = await unit.all(ATTENDEES, {"session": session_id})
    async with unit.as_system():
        places = await positions(unit, [row["id"] for row in rows if row["status"] == "waitlisted"])
    found = [
        Attendee(
            row["id"],
            row["staff_id"],
            f"{row['given_name']} {row['family_name']}",
            row["workplace"],
            row["municipality"],
            row["status"],
            places.get(row["id"]),
            row["support_needs"],
            row["grouped"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.position or 0, swedish_order(one.name)))
