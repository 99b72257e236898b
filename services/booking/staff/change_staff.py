"""Changing and ending an employment: the history keeps what held before."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from starlette.requests import Request

from services.booking.allocation.lock import lock_persons
from services.booking.catalogue.rules import title_code
from services.booking.staff import queries
from services.booking.staff.bodies import StaffChangedShown, StaffPatch, StaffShown
from services.booking.staff.entry import checked_employer
from services.booking.staff.people import SWEDISH, Change, Contact, Employment, Person
from services.booking.staff.problems import before_its_start, other_days, require_within_the_caller
from services.booking.staff.queries import Reference, staff_shown
from services.booking.staff.rules import (
    DATED,
    EmploymentRuleBrokenError,
    Period,
    changed,
    ended,
    ended_by_act,
    overlap,
    started,
)
from services.booking.staff.save import save
from services.booking.staff.vacate import later_registrations, vacate
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.web.errors import CONCURRENT
from shared.web.etags import require_if_match
from shared.web.patching import patched, unchangeable
from shared.web.problems import FieldError, invalid

DEFAULTS: dict[str, Any] = {"language": SWEDISH, "kind": "employed"}


async def change_staff(
    unit: Unit, request: Request, staff_id: UUID, patch: StaffPatch
) -> tuple[StaffChangedShown, int]:
    """The employment with the fields of the patch changed, and its new revision. Raises 403, 404, 409, 412, 422, 428.

    What belongs to the person changes for every employer; 403 `coordinator-only` where that is not the caller's.
    """
    participant_id = await queries.participant_of(unit, staff_id)
    async with unit.as_system():
        cancelled = await _vacated(unit, staff_id, patch.valid_to)
        person, before = await _locked(unit, participant_id, staff_id)
        require_if_match(request, before.revision)
        _check_unchangeable(before, patch)
        after = _edited(unit, person, before, patch, await queries.reference(unit))
        now = person.stated(patch.gender, _protected(patch)).with_employment(after)
        require_within_the_caller(unit, person, now)
        await _save(unit, person, now, Change("staff-changed", participant_id, before, after))
    return _changed(now, after, cancelled), after.revision


async def end_employment(unit: Unit, request: Request, staff_id: UUID) -> tuple[StaffChangedShown, int]:
    """The employment, ended on the local day of the act, and its new revision. Raises 404, 412, 428."""
    shown, _ = await queries.staff(unit, staff_id)
    day = local_day(unit.occurred_at)
    async with unit.as_system():
        cancelled = await _vacated(unit, staff_id, max(min(day, shown.valid_to or day), shown.valid_from))
        person, before = await _locked(unit, shown.participant_id, staff_id)
        require_if_match(request, before.revision)
        after = replace(before, periods=ended_by_act(before.periods, day), revision=before.revision + 1)
        now = person.with_employment(after)
        await _save(unit, person, now, Change("staff-ended", person.participant_id, before, after))
    return _changed(now, after, cancelled), after.revision


async def _vacated(unit: Unit, staff_id: UUID, last_day: date | None) -> list[UUID]:
    return [] if last_day is None else (await vacate(unit, {staff_id: last_day})).get(staff_id, [])


async def _save(unit: Unit, person: Person, now: Person, change: Change) -> None:
    """Raises 409 when somebody registered the person for a later session after those were given back."""
    await save(unit, {person.participant_id: person}, {person.participant_id: now}, [change])
    last_day = change.after.latest.valid_to
    if last_day is not None and await later_registrations(unit, {change.after.id: last_day}):
        raise CONCURRENT


def _changed(person: Person, employment: Employment, cancelled: list[UUID]) -> StaffChangedShown:
    return StaffChangedShown(**staff_shown(person, employment).model_dump(), cancelled_registrations=cancelled)


async def _locked(unit: Unit, participant_id: UUID, staff_id: UUID) -> tuple[Person, Employment]:
    await lock_persons(unit, [participant_id])  # nobody books the person meanwhile
    person = await queries.locked_person(unit, participant_id)
    employment = next((each for each in person.employments if each.id == staff_id), None)
    if employment is None:
        raise CONCURRENT  # the participant was merged into another one meanwhile
    return person, employment


def _protected(patch: StaffPatch) -> bool | None:
    return bool(patch.protected_identity) if "protected_identity" in patch.model_fields_set else None


def _check_unchangeable(employment: Employment, patch: StaffPatch) -> None:
    errors: list[FieldError] = []
    if patch.personal_number is not None:
        errors.append(
            unchangeable(
                "personal_number",
                "Personnumret hör till personen. Be samordnaren byta det.",
                "It belongs to the person. Ask the coordinator to change it.",
            )
        )
    if patch.municipality not in (None, employment.municipality):
        errors.append(
            unchangeable(
                "municipality",
                "En anställning byter inte kommun. Avsluta den och lägg in den nya.",
                "An employment does not move between municipalities. End it and enter the new one.",
            )
        )
    if errors:
        raise invalid(*errors)


def _edited(unit: Unit, person: Person, employment: Employment, patch: StaffPatch, reference: Reference) -> Employment:
    shown = patched(StaffShown, staff_shown(person, employment).model_dump(), _sent(patch))
    contact = Contact(**{name: getattr(shown, name) for name in vars(employment.contact)})
    try:
        periods = _history(unit, employment.periods, patch, _dated(employment, patch, reference))
    except EmploymentRuleBrokenError as broken:
        raise invalid(_rule_error(broken.rule)) from None
    others = [
        each for each in person.employments if each.municipality == employment.municipality and each != employment
    ]
    if any(overlap(each.periods, periods) for each in others):
        raise other_days()
    return replace(
        employment, contact=contact, workplace=shown.workplace, periods=periods, revision=employment.revision + 1
    )


def _sent(patch: StaffPatch) -> dict[str, Any]:
    """The fields sent, apart from those with rules of their own; null means the default where there is one."""
    apart = {"valid_from", "valid_to", "employer_org_number", "personal_number", "municipality"}
    apart |= {"gender", "protected_identity"}
    sent = patch.model_dump(exclude_unset=True, exclude=apart)
    return {name: DEFAULTS.get(name) if value is None else value for name, value in sent.items()}


def _dated(employment: Employment, patch: StaffPatch, reference: Reference) -> dict[str, Any]:
    """What the patch changes of that which has a history."""
    fields = {name: getattr(patch, name) for name in DATED if name in patch.model_fields_set}
    if "kind" in fields:
        fields["kind"] = fields["kind"] or DEFAULTS["kind"]
    if isinstance(fields.get("title"), str):
        fields["title"] = title_code(fields["title"], reference.titles)
    if "employer_org_number" in fields:
        text = fields["employer_org_number"]
        employer = reference.municipalities[employment.municipality] if text is None else checked_employer(text)
        if isinstance(employer, FieldError):
            raise invalid(employer)
        fields["employer_org_number"] = employer
    return fields


def _history(unit: Unit, periods: tuple[Period, ...], patch: StaffPatch, fields: dict[str, Any]) -> tuple[Period, ...]:
    """The dated history after the patch: first the beginning, then what changes from a day on, then the end."""
    explicit = patch.valid_from
    differing = {name: value for name, value in fields.items() if value != getattr(periods[-1], name)}
    if explicit is not None and not fields:
        periods = started(periods, explicit)
    elif differing or (explicit is not None and explicit > periods[0].valid_from):
        act_day = max(local_day(unit.occurred_at), periods[0].valid_from)
        periods = changed(periods, explicit or act_day, fields)
    elif explicit is not None:
        periods = started(periods, explicit)
    return ended(periods, patch.valid_to) if "valid_to" in patch.model_fields_set else periods


def _rule_error(rule: str) -> FieldError:
    if rule == "before-its-start":
        return before_its_start()
    return FieldError(
        "/valid_from",
        "after-its-end",
        "Anställningen är avslutad den dagen. Ändra sista dagen, eller lägg in en ny anställning.",
        "The employment has ended by that day. Change its last day, or enter a new employment.",
    )
