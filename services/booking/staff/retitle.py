"""Titles that were entered as text before the differentiation model knew them become its codes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import any_, select, update
from sqlmodel import col

from services.booking.catalogue.rules import title_code
from services.booking.staff import queries
from services.booking.staff.events import participant_changed
from services.booking.staff.people import Employment, Person
from services.booking.staff.tables import EmploymentPeriod, Participant
from shared.database.conditions import among
from shared.database.unit_of_work import Unit


async def retitle(unit: Unit, titles: Mapping[str, str | None]) -> None:
    """Gives employments the code of their title where `titles` now has one, and publishes the persons again."""
    async with unit.as_system():
        texts = await unit.all(select(col(EmploymentPeriod.title)).distinct())
        codes = {row["title"]: title_code(row["title"], titles) for row in texts}
        codes = {text: code for text, code in codes.items() if code != text}
        if not codes:
            return
        named = select(col(EmploymentPeriod.participant_id)).where(among(col(EmploymentPeriod.title), codes))
        order = col(Participant.participant_id)
        locked = (
            select(Participant)
            .where(order == any_(named.scalar_subquery()))
            .order_by(order)
            .with_for_update(key_share=True)
        )
        people = await queries.persons(unit, await unit.all(locked))
        for text, code in codes.items():
            await unit.execute(update(EmploymentPeriod).where(col(EmploymentPeriod.title) == text).values(title=code))
        _publish(unit, people, codes)


def _publish(unit: Unit, people: Mapping[UUID, Person], codes: Mapping[str, str]) -> None:
    for person in people.values():
        employments, erased = _retitled(person.employments, codes), _retitled(person.erased, codes)
        unit.emit(participant_changed(replace(person, employments=employments, erased=erased)))


def _retitled(employments: Iterable[Employment], codes: Mapping[str, str]) -> tuple[Employment, ...]:
    return tuple(
        replace(
            each,
            periods=tuple(replace(period, title=codes.get(period.title, period.title)) for period in each.periods),
        )
        for each in employments
    )
