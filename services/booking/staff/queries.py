"""Reading people and their employments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.booking.staff.bodies import PeriodShown, StaffShown
from services.booking.staff.people import Contact, Employment, Person
from services.booking.staff.rules import Period
from services.booking.staff.tables import EmploymentPeriod, Participant, Staff
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.problems import Problem, not_found

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
    employments: dict[UUID, list[Employment]] = defaultdict(list)
    for row in staff:
        employments[row["participant_id"]].append(_employment(row, histories[row["employment_id"]]))
    return {
        row["participant_id"]: Person(
            row["participant_id"],
            row["gender"],
            row["birth_year"],
            row["personal_number_hint"],
            tuple(sorted(employments[row["participant_id"]], key=lambda each: each.id)),
        )
        for row in rows
    }


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
        protected_identity=row["protected_identity"],
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
    """An employment as GET shows it."""
    contact, latest = employment.contact, employment.latest
    return StaffShown.model_validate(
        {
            **vars(contact),
            **vars(latest),
            "id": employment.id,
            "participant_id": person.participant_id,
            "employment_id": employment.employment_id,
            "personal_number_hint": person.personal_number_hint,
            "workplace": employment.workplace,
            "gender": person.gender,
            "birth_year": person.birth_year,
            "municipality": employment.municipality,
            "valid_from": employment.begin.valid_from,
            "history": [PeriodShown.model_validate(vars(period)) for period in employment.periods],
        }
    )


async def staff_page(
    unit: Unit,
    after: UUID | None,
    fetch: int,
    *,
    municipality: str | None = None,
    participant_id: UUID | None = None,
    workplace: str | None = None,
) -> list[StaffShown]:
    """Up to `fetch` employments that were added after `after`, of those that the scope shows."""
    statement = select(col(Staff.id), col(Staff.participant_id)).order_by(col(Staff.id)).limit(fetch)
    if after is not None:
        statement = statement.where(col(Staff.id) > after)
    if municipality is not None:
        statement = statement.where(col(Staff.municipality) == municipality)
    if participant_id is not None:
        statement = statement.where(col(Staff.participant_id) == participant_id)
    if workplace is not None:
        statement = statement.where(col(Staff.workplace) == workplace)
    rows = await unit.all(statement)
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


def staff_not_found() -> Problem:
    return not_found("Den anställda", "The staff member")
