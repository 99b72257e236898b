"""The pages of sessions: the list, and one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.booking.allocation.rules import State
from services.booking.catalogue.queries import course_titles, municipality_names
from services.booking.registrations.bodies import ChosenBody, RegistrationsBody, application_of
from services.booking.registrations.preview import MOST, prospects, where_to_begin
from services.booking.registrations.problems import nobody_chosen
from services.booking.registrations.queries import Attendee, attendees
from services.booking.registrations.register import register
from services.booking.reservations.bodies import ReservationShown
from services.booking.reservations.queries import reservations_page
from services.booking.sessions.bodies import SessionShown
from services.booking.sessions.queries import Filter, Found, arrangements, find_session, sessions_page
from services.booking.staff.queries import workplaces
from shared.clock import local_day
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Page, Paging
from shared.web.fields import Code, Day, Line
from shared.web.pages import Done, View, page_router
from shared.web.pages.exports import csv_file
from shared.web.pages.formatting import when
from shared.web.routing import ANY, Role, Unit, allow

router = page_router()

LIST = "/boka/kurstillfallen"
ROWS, MOST_EXPORTED = 25, 2000
Period = Literal["coming", "past", "all"]
# The office enters what happened earlier also when the session is over.
ACTED_ON: Mapping[Role | None, tuple[State, ...]] = {
    Role.MUNICIPALITY: (State.SCHEDULED,),
    Role.COORDINATOR: (State.SCHEDULED, State.COMPLETED),
}
Sort = Literal["start", "-start"]
Yes = Annotated[Literal["true"] | None, Query()]


@dataclass(frozen=True)
class Question:
    """What the list is asked for, as its address has it."""

    period: Period
    course: str | None
    municipality: str | None
    from_: Any
    to: Any
    free: bool
    sort: str | None

    def filter(self, now: datetime) -> Filter:
        today = local_day(now)
        coming = self.period == "coming" and self.from_ is None
        return Filter(
            self.course,
            self.municipality,
            today if coming else self.from_,
            self.to,
            State.COMPLETED if self.period == "past" else None,
            True if self.free else None,
            latest_first=self.sort == "-start" or (self.sort is None and self.period != "coming"),
        )

    def chosen(self, courses: Mapping[str, str], municipalities: Mapping[str, str]) -> list[tuple[str, Any]]:
        """What may be taken away again: parameter and what it is set to."""
        named = [
            ("course", courses.get(self.course or "", self.course)),
            ("municipality", municipalities.get(self.municipality or "", self.municipality)),
            ("from", self.from_),
            ("to", self.to),
            ("has_free_seats", self.free),
        ]
        return [(name, value) for name, value in named if value]


async def asked(
    period: Period = "coming",
    course: Code | None = None,
    municipality: MunicipalityCode | None = None,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    has_free_seats: Yes = None,
    sort: Sort | None = None,
) -> Question:
    """The question of a request; an empty field asks for nothing."""
    return Question(period, course, municipality, from_, to, has_free_seats is not None, sort)


Chosen = Annotated[Sequence[UUID], Query(max_length=MOST)]
Asked = Annotated[Question, Depends(asked)]


@router.get(LIST)
async def sessions(question: Asked, page: Paging, unit: Unit = allow(*ANY)) -> View:
    """The sessions, filtered."""
    shorter = Page(ROWS, page.after, page.path)
    found = await sessions_page(unit, question.filter(unit.recorded_at), page.key(datetime, UUID), shorter.fetch)
    courses, municipalities = await course_titles(unit), await municipality_names(unit)
    return View(
        "sessions/list.html",
        listing=shorter.answer(found, _place, lambda each: each.shown),
        question=question,
        chosen=question.chosen(courses, municipalities),
        courses=courses,
        municipalities=municipalities,
    )


@router.get(f"{LIST}.csv")
async def sessions_file(question: Asked, unit: Unit = allow(*ANY)) -> Response:
    """What the list shows, without its pages."""
    found = await sessions_page(unit, question.filter(unit.recorded_at), None, MOST_EXPORTED)
    names = await municipality_names(unit)
    head = (
        "start",
        "course",
        "title",
        "venue",
        "municipality",
        "state",
        "capacity",
        "confirmed",
        "bookable",
        "waiting",
    )
    return csv_file("kurstillfallen", head, (_line(each, names) for each in found))


@router.get(f"{LIST}/{{session_id}}")
async def session(session_id: UUID, unit: Unit = allow(*ANY)) -> View:
    """One session: when, where, who of the caller's takes part, and what can be done."""
    found = await find_session(unit, session_id)
    people: Sequence[Attendee] = []
    reservations: Sequence[ReservationShown] = []
    if unit.role in (Role.MUNICIPALITY, Role.COORDINATOR):
        people = await attendees(unit, session_id)
        reservations = await reservations_page(unit, session_id, Page(MOST, None))
    return View(
        "sessions/one.html",
        found.revision,
        session=found.shown,
        confirmed=[one for one in people if one.status == "confirmed"],
        waiting=[one for one in people if one.status == "waitlisted"],
        reservations=reservations,
        municipalities=await municipality_names(unit),
        office=await arrangements(unit, found.shown) if unit.role is Role.COORDINATOR else None,
        may_book=found.shown.state in ACTED_ON.get(unit.role, ()),
        started=found.starts_at <= unit.recorded_at and unit.role is not Role.COORDINATOR,
    )


@router.get(f"{LIST}/{{session_id}}/anmal")
async def choose_people(
    session_id: UUID,
    workplace: Line | None = None,
    q: Line | None = None,
    staff: Chosen = (),
    *,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View | Response:
    """Step 2: who may go, and why the others not; at first of the workplace of those who were registered last. Who is
    chosen already stands first, whatever is looked for.
    """
    if elsewhere := await where_to_begin(unit, request):
        return elsewhere
    picked = await prospects(unit, session_id, staff=staff) if staff else []
    found = await prospects(unit, session_id, workplace=workplace, begins_with=q)
    people = [*picked, *(one for one in found if one.staff_id not in staff)]
    return View(
        "sessions/people.html",
        session=(await find_session(unit, session_id)).shown,
        able=[one for one in people if one.problem is None],
        unable=[one for one in people if one.problem is not None],
        chosen=staff,
        workplaces=await workplaces(unit),
        workplace=workplace,
        most=len(found) == MOST,
    )


@router.post(f"{LIST}/{{session_id}}/anmal")
async def go_on_with(
    session_id: UUID, body: ChosenBody, _unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    if not body.staff:
        raise nobody_chosen()
    return Done(f"{LIST}/{session_id}/anmal/kontrollera?{_named(body.staff)}")


@router.get(f"{LIST}/{{session_id}}/anmal/kontrollera")
async def check_registration(
    session_id: UUID,
    staff: Chosen = (),
    workplace: Line | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View | Response:
    """Step 3: what will happen, before it does. Without names a whole workplace, all of it who may go."""
    people = await prospects(unit, session_id, staff=staff or None, workplace=workplace) if staff or workplace else []
    if not staff:
        people = [one for one in people if one.problem is None]
    if not people:
        return Done(f"{LIST}/{session_id}/anmal")
    shown = (await find_session(unit, session_id)).shown
    return View(
        "sessions/check.html",
        session=shown,
        people=people,
        able=[one for one in people if one.problem is None],
        minutes=minutes_of(shown),
        places=shown.seats.bookable if shown.seats else 0,
        overridable=unit.role is Role.COORDINATOR and any(one.overridable for one in people),
        municipalities=await municipality_names(unit),
    )


@router.post(f"{LIST}/{{session_id}}/anmal/kontrollera")
async def register_people(
    session_id: UUID, body: RegistrationsBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> Done:
    await register(unit, application_of(unit.role, session_id, body))
    return Done(f"{LIST}/{session_id}/anmal/klart?{_named(body.staff)}")


@router.get(f"{LIST}/{{session_id}}/anmal/klart")
async def registered(
    session_id: UUID, staff: Chosen = (), unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)
) -> View:
    """Step 4: what became of each."""
    here = {one.staff_id: one for one in await attendees(unit, session_id)}
    left = [one for one in await prospects(unit, session_id, staff=staff) if one.staff_id not in here]
    return View(
        "sessions/registered.html",
        session=(await find_session(unit, session_id)).shown,
        people=[here[one] for one in staff if one in here],
        left=left,
    )


def _named(staff: Sequence[UUID]) -> str:
    """People, as an address names them."""
    return urlencode([("staff", one) for one in staff])


def minutes_of(session: SessionShown) -> int:
    """What one person's attendance is worth: without the breaks."""
    spans = ((one.ends_at - one.starts_at, one.break_minutes) for one in session.occasions)
    return sum(int(length.total_seconds()) // 60 - pause for length, pause in spans)


def _place(each: Found) -> list[Any]:
    return [each.starts_at.isoformat(), each.shown.id]


def _line(each: Found, names: Mapping[str, str]) -> list[Any]:
    shown, seats = each.shown, each.shown.seats
    counts = [seats.confirmed, seats.bookable, seats.waitlisted] if seats else [None] * 3
    place = (shown.venue, names.get(shown.host_municipality, shown.host_municipality))
    return [when(shown.occasions[0]), shown.course, shown.course_title, *place, shown.state, shown.capacity, *counts]
