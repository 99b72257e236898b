"""Writing what an act made of people: rows, audit and events, in few statements whatever the number of people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, text, update
from sqlmodel import col

from services.booking.staff.events import participant_changed, person_changed
from services.booking.staff.people import Change, Employment, Person
from services.booking.staff.rules import DATED
from services.booking.staff.tables import EmploymentPeriod, Staff
from shared.audit.record import Act, record_all
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

UPDATE_PERSONS = text(
    """
    UPDATE participants
       SET gender = changed.gender, birth_year = changed.birth_year, protected = changed.protected,
           personal_number_hint = changed.hint
      FROM unnest(CAST(:ids AS uuid[]), CAST(:genders AS text[]), CAST(:years AS smallint[]),
                  CAST(:protected AS boolean[]), CAST(:hints AS text[]))
           AS changed (id, gender, birth_year, protected, hint)
     WHERE participant_id = changed.id
    """
)


async def save(
    unit: Unit, before: Mapping[UUID, Person], now: Mapping[UUID, Person], changes: Sequence[Change]
) -> None:
    """Writes and publishes the changes that led the locked persons from `before` to `now`. Needs the system scope.

    What changes of a person is a change of every employment: each gets its revision and its line in the audit.
    """
    every = [*changes, *_of_the_other_employments(before, now, changes)]
    added = [change for change in every if change.before is None]
    edited = [change for change in every if change.before is not None]
    await _insert(unit, added)
    await _update(unit, edited)
    await _insert_periods(unit, [change for change in every if _other_history(change)])
    await _update_persons(unit, before, now)
    await record_all(unit, [_act(change, before, now) for change in every])
    publish(unit, before, now)


def _of_the_other_employments(
    before: Mapping[UUID, Person], now: Mapping[UUID, Person], changes: Sequence[Change]
) -> Iterator[Change]:
    named = {change.after.id for change in changes}
    for key, person in now.items():
        if person.attributes != before[key].attributes:
            for each in person.employments:
                if each.id not in named:
                    yield Change("person-changed", key, each, replace(each, revision=each.revision + 1))


def _other_history(change: Change) -> bool:
    return change.before is None or change.before.periods != change.after.periods


async def _insert(unit: Unit, added: Sequence[Change]) -> None:
    rows = [
        {
            "id": change.after.id,
            "participant_id": change.participant_id,
            "employment_id": change.after.employment_id,
            "municipality": change.after.municipality,
            **_editable(change.after),
        }
        for change in added
    ]
    if rows:
        await unit.execute(insert(Staff), rows)


async def _update(unit: Unit, edited: Sequence[Change]) -> None:
    if not edited:
        return
    columns = list(_editable(edited[0].after))
    statement = (
        update(Staff)
        .where(col(Staff.id) == bindparam("staff_id"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    rows = [
        {"staff_id": change.after.id} | {f"new_{name}": value for name, value in _editable(change.after).items()}
        for change in edited
    ]
    await unit.execute(statement, rows)
    moved = [change.after.employment_id for change in edited if _other_history(change)]
    if moved:
        await unit.execute(delete(EmploymentPeriod).where(among(col(EmploymentPeriod.employment_id), moved)))


def _editable(employment: Employment) -> dict[str, Any]:
    return {**vars(employment.contact), "workplace": employment.workplace, "revision": employment.revision}


async def _insert_periods(unit: Unit, changes: Sequence[Change]) -> None:
    rows = [
        {
            "employment_id": change.after.employment_id,
            "participant_id": change.participant_id,
            "municipality": change.after.municipality,
            **vars(period),
        }
        for change in changes
        for period in change.after.periods
    ]
    if rows:
        await unit.execute(insert(EmploymentPeriod), rows)


async def _update_persons(unit: Unit, before: Mapping[UUID, Person], now: Mapping[UUID, Person]) -> None:
    differing = [person for key, person in now.items() if before[key].attributes != person.attributes]
    if differing:
        attributes = [person.attributes for person in differing]
        columns = {
            "ids": [person.participant_id for person in differing],
            "genders": [each.gender for each in attributes],
            "years": [each.birth_year for each in attributes],
            "protected": [each.protected_identity for each in attributes],
            "hints": [each.personal_number_hint for each in attributes],
        }
        await unit.execute(UPDATE_PERSONS, columns)


def _act(change: Change, before: Mapping[UUID, Person], now: Mapping[UUID, Person]) -> Act:
    return Act(
        change.action,
        f"staff/{change.after.id}",
        None if change.before is None else _audited(before[change.participant_id], change.before),
        _audited(now[change.participant_id], change.after),
    )


def _audited(person: Person, employment: Employment) -> dict[str, Any]:
    latest = {name: getattr(employment.latest, name) for name in DATED}
    return {
        "municipality": employment.municipality,
        "workplace": employment.workplace,
        **vars(employment.contact),
        **latest,
        **vars(person.attributes),
        "valid_from": employment.begin.valid_from,
        "valid_to": employment.latest.valid_to,
        "periods": [period.valid_from for period in employment.periods],
    }


def publish(unit: Unit, before: Mapping[UUID, Person], now: Mapping[UUID, Person]) -> None:
    """Publishes what others may know of these persons and do not know yet: at most one event of each kind."""
    for key, person in now.items():
        old = before[key]
        if person == old:
            continue
        is_new = not old.employments
        if is_new or participant_changed(old) != participant_changed(person):
            unit.emit(participant_changed(person))
        if is_new or person_changed(old) != person_changed(person):
            unit.emit(person_changed(person), key=f"person/{key}")
