"""Reading people and their employments."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, collate, exists, func, literal, or_, select, text
from sqlmodel import col

from services.booking.staff.bodies import PeriodShown, StaffShown
from services.booking.staff.people import Attributes, Contact, Employment, Person
from services.booking.staff.problems import staff_not_found
from services.booking.staff.rules import Period
from services.booking.staff.tables import EmploymentPeriod, Participant, Staff
from shared.database.conditions import among, where_given
from shared.database.sorting import by_index
from shared.database.unit_of_work import Unit
from shared.sorting import swedish_order
from shared.web.cursors import Page

# From each workplace straight to the next: their names stand on most pages, and DISTINCT would read all staff.
WORKPLACES = """
    WITH RECURSIVE found AS (
        (SELECT workplace FROM staff WHERE OF ORDER BY workplace LIMIT 1)
         UNION ALL
        SELECT (SELECT s.workplace FROM staff s WHERE OF AND s.workplace > found.workplace ORDER BY s.workplace LIMIT 1)
          FROM found WHERE found.workplace IS NOT NULL
    )
    SELECT workplace FROM found WHERE workplace IS NOT NULL LIMIT 1000
"""
ALL_WORKPLACES = text(WORKPLACES.replace("OF", "true"))
OWN_WORKPLACES = text(WORKPLACES.replace("OF", "municipality = :municipality"))
SORTED_BY: Mapping[str, Any] = {"name": col(Staff.name_order), "workplace": col(Staff.workplace_order)}
LAST_CHARACTER = "\U0010ffff"
REFERENCE = """
    SELECT (SELECT jsonb_object_agg(code, org_number) FROM municipalities) AS municipalities,
           (SELECT jsonb_agg(jsonb_build_array(title, title_sv) ORDER BY position) FROM titles) AS titles,
           (SELECT period_from FROM project) AS first_day
"""


@dataclass(frozen=True)
class Reference:
    """What an entry is checked against: municipalities with their organisation number, titles, the first day."""

    municipalities: Mapping[str, str]
    titles: Mapping[str, str | None]
    first_day: date | None


async def reference(unit: Unit) -> Reference:
    """The reference of this moment, in one statement."""
    row = await unit.one(REFERENCE)
    return Reference(row["municipalities"] or {}, dict(row["titles"] or ()), row["first_day"])


# --- people ----------------------------------------------------------------------------------------------------------


async def persons(unit: Unit, rows: Iterable[RowMapping]) -> dict[UUID, Person]:
    """The persons of `participants` rows, with all employments that the scope shows."""
    rows = list(rows)
    ids = [row["participant_id"] for row in rows]
    staff = await unit.all(select(Staff).where(among(col(Staff.participant_id), ids))) if ids else []
    histories = await _histories(unit, [row["employment_id"] for row in staff])
    employments: dict[tuple[UUID, bool], list[Employment]] = defaultdict(list)
    for row in sorted(staff, key=lambda each: each["id"]):
        employments[row["participant_id"], row["erased"]].append(_employment(row, histories[row["employment_id"]]))
    return {
        key: Person(key, _attributes(row), tuple(employments[key, False]), tuple(employments[key, True]))
        for row in rows
        for key in (row["participant_id"],)
    }


def _attributes(row: RowMapping) -> Attributes:
    return Attributes(row["gender"], row["birth_year"], row["personal_number_hint"], row["protected"], row["age_group"])


async def locked_person(unit: Unit, participant_id: UUID) -> Person:
    """A person, held until commit: nobody else changes an employment of hers. Needs the system scope."""
    statement = select(Participant).where(col(Participant.participant_id) == participant_id)
    row = await unit.one(statement.with_for_update(key_share=True))
    return (await persons(unit, [row]))[participant_id]


async def _histories(unit: Unit, employment_ids: Sequence[UUID]) -> dict[UUID, tuple[Period, ...]]:
    histories: dict[UUID, list[Period]] = defaultdict(list)
    if employment_ids:
        statement = select(EmploymentPeriod).where(among(col(EmploymentPeriod.employment_id), employment_ids))
        for row in await unit.all(statement.order_by(col(EmploymentPeriod.valid_from))):
            histories[row["employment_id"]].append(_period(row))
    return {employment_id: tuple(periods) for employment_id, periods in histories.items()}


def _period(row: RowMapping) -> Period:
    return Period(
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        title=row["title"],
        category=row["category"],
        kind=row["kind"],
        employer_org_number=row["employer_org_number"],
    )


def _employment(row: RowMapping, periods: tuple[Period, ...]) -> Employment:
    contact = Contact(
        given_name=row["given_name"],
        family_name=row["family_name"],
        email=row["email"],
        phone=row["phone"],
        language=row["language"],
        manager_email=row["manager_email"],
    )
    return Employment(
        id=row["id"],
        employment_id=row["employment_id"],
        municipality=row["municipality"],
        workplace=row["workplace"],
        contact=contact,
        periods=periods,
        revision=row["revision"],
    )


# --- staff as the API shows it ---------------------------------------------------------------------------------------


def staff_shown(person: Person, employment: Employment) -> StaffShown:
    contact, latest = employment.contact, employment.latest
    return StaffShown.model_validate(
        {
            **vars(person.attributes),
            **vars(contact),
            **vars(latest),
            "id": employment.id,
            "participant_id": person.participant_id,
            "employment_id": employment.employment_id,
            "workplace": employment.workplace,
            "municipality": employment.municipality,
            "valid_from": employment.begin.valid_from,
            "history": [PeriodShown.model_validate(vars(period)) for period in employment.periods],
        }
    )


@dataclass(frozen=True)
class Wanted:
    """What a list of staff is limited to. `valid_on`: in force that day; `q`: what a name or an e-mail begins with."""

    municipality: str | None = None
    participant_id: UUID | None = None
    workplace: str | None = None
    valid_on: date | None = None
    q: str | None = None


async def staff_page(unit: Unit, wanted: Wanted, page: Page) -> list[StaffShown]:
    """Employments in the order in which they were added, of those that the scope shows."""
    statement = select(col(Staff.id), col(Staff.participant_id)).where(*conditions(wanted))
    return await _shown(unit, await unit.all(page.cut(statement, col(Staff.id))))


async def sorted_page(unit: Unit, wanted: Wanted, page: Page, sort: str) -> list[tuple[str, StaffShown]]:
    """Employments ordered by a column, descending with `-`; each with the key at which the next page starts."""
    key = SORTED_BY[sort.removeprefix("-")]
    statement = select(col(Staff.id), col(Staff.participant_id)).where(*conditions(wanted))
    listed = page.cut_by(statement, key, col(Staff.id), latest_first=sort.startswith("-"))
    # Whoever names a person, a workplace or a beginning wants a few, found by another index.
    few = wanted.participant_id or wanted.workplace or wanted.q is not None
    async with nullcontext() if few else by_index(unit):
        rows = await unit.all(listed)
    return list(zip([row["sort_key"] for row in rows], await _shown(unit, rows), strict=True))


def conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield from where_given(
        (Staff.municipality, wanted.municipality),
        (Staff.participant_id, wanted.participant_id),
        (Staff.workplace, wanted.workplace),
    )
    if wanted.valid_on is not None:
        day = wanted.valid_on
        period = (col(EmploymentPeriod.valid_from), col(EmploymentPeriod.valid_to))
        in_force = (period[0] <= day) & (period[1].is_(None) | (period[1] >= day))
        yield exists().where(col(EmploymentPeriod.employment_id) == col(Staff.employment_id), in_force)
    if wanted.q is not None:
        yield or_(*(_begins_with(key, wanted.q) for key in (Staff.name_key, Staff.family_name_key, Staff.email_key)))


def _begins_with(key: Any, text: str) -> ColumnElement[bool]:
    small = func.lower(collate(literal(unicodedata.normalize("NFC", text)), "pg_c_utf8"))
    begin = collate(small, "C")  # as the keys are: in another order no index would do
    return and_(col(key) >= begin, col(key) < begin.concat(LAST_CHARACTER))


async def _shown(unit: Unit, rows: Sequence[RowMapping]) -> list[StaffShown]:
    ids = {row["participant_id"] for row in rows}
    people = await persons(
        unit, await unit.all(select(Participant).where(among(col(Participant.participant_id), ids))) if ids else []
    )
    found = [(people[row["participant_id"]], row["id"]) for row in rows]
    return [staff_shown(person, person.employment(staff_id)) for person, staff_id in found]


async def participant_of(unit: Unit, staff_id: UUID) -> UUID:
    """Whose employment it is. Raises 404 also for the staff of others."""
    participant_id: UUID | None = await unit.scalar(select(col(Staff.participant_id)).where(col(Staff.id) == staff_id))
    if participant_id is None:
        raise staff_not_found()
    return participant_id


async def staff(unit: Unit, staff_id: UUID) -> tuple[StaffShown, int]:
    """One employment and its revision. Raises 404 also for the staff of others."""
    participant_id = await participant_of(unit, staff_id)
    rows = await unit.all(select(Participant).where(col(Participant.participant_id) == participant_id))
    person = (await persons(unit, rows))[participant_id]
    employment = person.employment(staff_id)
    return staff_shown(person, employment), employment.revision


async def workplaces(unit: Unit) -> list[str]:
    """The workplaces of those that the caller may see, in Swedish order."""
    own = unit.municipality
    async with by_index(unit):
        rows = await unit.all(*((OWN_WORKPLACES, {"municipality": own}) if own else (ALL_WORKPLACES, None)))
    return sorted((row["workplace"] for row in rows), key=swedish_order)
