"""The pages of registrations: the list, one, and what is done with it: another person, another session, cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from starlette.responses import Response

from services.booking.catalogue.queries import course_titles, municipality_names, setting_on
from services.booking.registrations.bodies import CancelBody, MoveToBody, SubstituteBody
from services.booking.registrations.cancel import cancel
from services.booking.registrations.listing import Listed, Status, Wanted, find_listed, listed_page
from services.booking.registrations.move import move
from services.booking.registrations.preview import MOST, prospects
from services.booking.registrations.problems import substitute_missing
from services.booking.registrations.rules import is_late
from services.booking.registrations.substitute import substitute
from services.booking.sessions.queries import Filter, find_session, sessions_page
from services.booking.staff.queries import workplaces
from services.booking.waiting_list.explain import explain_queue
from shared.clock import local_day
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Page, Paging
from shared.web.fields import Code, Day, Line
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.exports import csv_file
from shared.web.pages.formatting import when
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/anmalningar"
ONE = f"{LIST}/{{registration_id}}"
SESSIONS = "/boka/kurstillfallen"
ROWS, MOST_EXPORTED = 50, 10_000
Period = Literal["coming", "past", "all"]


@dataclass(frozen=True)
class Question:
    """What the list is asked for, as its address has it."""

    period: Period
    wanted: Wanted

    def on(self, today: date) -> Wanted:
        """What is looked for: what is not over, unless days or the past are asked for."""
        if self.period == "coming" and self.wanted.from_ is None:
            return replace(self.wanted, from_=today)
        if self.period == "past" and self.wanted.to is None:
            return replace(self.wanted, to=today - timedelta(days=1))
        return self.wanted

    def chosen(self, courses: Mapping[str, str], municipalities: Mapping[str, str]) -> list[tuple[str, Any]]:
        """What may be taken away again: parameter and what it is set to."""
        wanted = self.wanted
        named = [
            ("status", wanted.status),
            ("course", courses.get(wanted.course or "", wanted.course)),
            ("municipality", municipalities.get(wanted.municipality or "", wanted.municipality)),
            ("workplace", wanted.workplace),
            ("q", wanted.begins_with),
            ("from", wanted.from_),
            ("to", wanted.to),
        ]
        return [(name, value) for name, value in named if value]


async def asked(
    period: Period = "coming",
    status: Status | None = None,
    course: Code | None = None,
    municipality: MunicipalityCode | None = None,
    workplace: Line | None = None,
    q: Line | None = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
) -> Question:
    """The question of a request; an empty field asks for nothing."""
    return Question(period, Wanted(status, course, municipality, workplace, q, from_, to, period != "coming"))


Asked = Annotated[Question, Depends(asked)]


@router.get(LIST)
async def registrations(question: Asked, page: Paging, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """The registrations, filtered."""
    shorter = Page(ROWS, page.after, page.path)
    wanted = question.on(local_day(unit.recorded_at))
    found = await listed_page(unit, wanted, page.key(datetime, UUID), shorter.fetch)
    courses, municipalities = await course_titles(unit), await municipality_names(unit)
    return View(
        "registration_pages/list.html",
        listing=shorter.answer(found, lambda one: [one.starts_at.isoformat(), one.id], lambda one: one),
        question=question,
        chosen=question.chosen(courses, municipalities),
        courses=courses,
        municipalities=municipalities,
        workplaces=await workplaces(unit),
        now=unit.recorded_at,
    )


@router.get(f"{LIST}.csv")
async def registrations_file(question: Asked, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Response:
    """What the list shows, without its pages."""
    found = await listed_page(unit, question.on(local_day(unit.recorded_at)), None, MOST_EXPORTED)
    head = ("start", "course", "title", "venue", "name", "workplace", "municipality", "state", "position", "late")
    return csv_file("anmalningar", head, map(_line, found))


def _line(one: Listed) -> list[Any]:
    person = (one.name, one.workplace, one.municipality)
    return [when(one), one.course, one.title, one.venue, *person, one.status, one.position, "x" if one.late else None]


@router.get(ONE)
async def registration(registration_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """One registration: where it stands, why, and what can be done."""
    one = await find_listed(unit, registration_id)
    queue = await explain_queue(unit, one.session_id, LANGUAGE.get()) if one.entry_id else None
    return View(
        "registration_pages/one.html",
        one=one,
        municipalities=await municipality_names(unit),
        entry=next((each for each in queue.entries if each.entry == one.entry_id), None) if queue else None,
        decisions=[each for each in queue.decisions if each.entry == one.entry_id] if queue else [],
        now=_acts_at(unit, one),
        today=unit.recorded_at,
    )


def _acts_at(unit: Unit, one: Listed) -> datetime:
    """When an act would happen: the office enters afterwards what happened before the session."""
    if unit.role is Role.COORDINATOR:
        return min(unit.recorded_at, one.starts_at - timedelta(minutes=1))
    return unit.recorded_at


@router.get(f"{ONE}/ersatt")
async def choose_substitute(
    registration_id: UUID,
    workplace: Line | None = None,
    q: Line | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View:
    """Who takes the place? Those of the same workplace first."""
    one = await find_listed(unit, registration_id)
    found = await prospects(
        unit, one.session_id, municipality=one.municipality, workplace=workplace, begins_with=q, near=one.workplace
    )
    people = [each for each in found if each.staff_id != one.staff_id]
    return View(
        "registration_pages/substitute.html",
        one=one,
        able=[each for each in people if each.problem is None],
        unable=[each for each in people if each.problem is not None],
        workplaces=await workplaces(unit),
        most=len(found) == MOST,
    )


@router.get(f"{ONE}/ersatt/kontrollera")
async def check_substitute(
    registration_id: UUID, staff: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View:
    """What will happen, before it does."""
    one = await find_listed(unit, registration_id)
    people = await prospects(unit, one.session_id, staff=[staff], municipality=one.municipality)
    if not people:
        raise substitute_missing()
    return View(
        "registration_pages/substitute_check.html",
        one=one,
        new=people[0],
        municipalities=await municipality_names(unit),
    )


@router.post(f"{ONE}/ersatt/kontrollera")
async def replace_person(
    registration_id: UUID, body: SubstituteBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    new = await find_listed(unit, await substitute(unit, registration_id, body.staff))
    return Done(f"{SESSIONS}/{new.session_id}", _("Somebody else has the place now."))


@router.get(f"{ONE}/flytta")
async def choose_session(
    registration_id: UUID,
    course: Code | None = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View:
    """Where to? Sessions with places, of the same course unless another is asked for."""
    one = await find_listed(unit, registration_id)
    wanted = Filter(course or one.course, from_=from_ or local_day(unit.recorded_at), has_free_seats=True)
    found = [each.shown for each in await sessions_page(unit, wanted, None, ROWS) if each.shown.id != one.session_id]
    return View(
        "registration_pages/move.html",
        one=one,
        course=course or one.course,
        sessions=found,
        courses=await course_titles(unit),
        municipalities=await municipality_names(unit),
    )


@router.get(f"{ONE}/flytta/kontrollera")
async def check_move(
    registration_id: UUID, session: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View:
    """What will happen, before it does."""
    one = await find_listed(unit, registration_id)
    people = await prospects(unit, session, staff=[one.staff_id], leaving=registration_id)
    return View(
        "registration_pages/move_check.html",
        one=one,
        session=(await find_session(unit, session)).shown,
        problem=people[0].problem if people else None,
        late=one.status == "confirmed" and is_late(unit.recorded_at, one.cancellation_deadline),
        municipalities=await municipality_names(unit),
    )


@router.post(f"{ONE}/flytta/kontrollera")
async def move_person(
    registration_id: UUID, body: MoveToBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    new = await move(unit, registration_id, body.session)
    return Done(f"{LIST}/{new}", _("The person has a place on this session now."))


@router.get(f"{ONE}/avboka")
async def ask_to_cancel(registration_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """What cancelling means, before it is done."""
    one = await find_listed(unit, registration_id)
    return View(
        "registration_pages/cancel.html",
        one=one,
        late=one.status == "confirmed" and is_late(unit.recorded_at, one.cancellation_deadline),
        seats=(await find_session(unit, one.session_id)).shown.seats,
        illness_neutral=await setting_on(unit, "illness_neutral", local_day(one.starts_at)),
        municipalities=await municipality_names(unit),
        now=_acts_at(unit, one),
    )


@router.post(f"{ONE}/avboka")
async def cancel_registration(
    registration_id: UUID, body: CancelBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    late = await cancel(unit, registration_id, body.reason, body.note)
    return Done(f"{LIST}/{registration_id}", _("Cancelled, after the deadline.") if late else _("Cancelled in time."))
