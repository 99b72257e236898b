"""The pages on which the project office plans, schedules, changes, moves and cancels sessions."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping
from starlette.requests import Request

from services.booking.catalogue.queries import course_titles, municipality_names
from services.booking.planning.board import monday_of, occasions_between
from services.booking.registrations.queries import Attendee, attendees
from services.booking.sessions.bodies import CancelBody, RescheduleBody, SessionBody, SessionPatch
from services.booking.sessions.cancel import cancel_session
from services.booking.sessions.change_session import change_session
from services.booking.sessions.pages import LIST, minutes_of
from services.booking.sessions.queries import find_session
from services.booking.sessions.reschedule import reschedule
from services.booking.sessions.schedule import schedule
from services.booking.trainers.queries import teaching_on
from shared.clock import day_start, local_day
from shared.contracts.types import MunicipalityCode
from shared.web.fields import Code, Day
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.views import entered
from shared.web.routing import Role, Unit, allow

router = page_router()

ONE = f"{LIST}/{{session_id}}"
COPIED = {
    *("course", "host_municipality", "venue", "capacity", "min_participants"),
    *("trainers", "seat_shares", "support"),
}
Trouble = Literal["without_trainer", "too_few", "waiting"]
FIRST_HOUR, WEEK = timedelta(hours=9), timedelta(weeks=1)


@router.get(f"{LIST}/nytt")
async def new_session(
    copy: UUID | None = None,
    course: Code | None = None,
    municipality: MunicipalityCode | None = None,
    day: Annotated[Day | None, Query(alias="date")] = None,
    capacity: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """A new session, perhaps like another one, or as the plan proposes it."""
    draft: dict[str, Any] = {"course": course, "host_municipality": municipality, "capacity": capacity}
    if copy is not None:
        draft = (await find_session(unit, copy)).shown.model_dump(include=COPIED)
    if day is not None:
        draft["occasions"] = [{"starts_at": day_start(day) + FIRST_HOUR}]
    return View("scheduling_pages/edit.html", session=draft, is_new=True, **await _choices(unit))


@router.post(f"{LIST}/nytt")
async def schedule_session(body: SessionBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    found = await schedule(unit, body)
    return Done(f"{LIST}/{found.shown.id}", _("The session is scheduled."))


@router.get(f"{ONE}/andra")
async def edit_session(session_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """Everything about a session that changes without anybody's diary changing."""
    found = await find_session(unit, session_id)
    choices = await _choices(unit)
    return View("scheduling_pages/edit.html", found.revision, session=found.shown, is_new=False, **choices)


@router.post(f"{ONE}/andra")
async def save_session(
    session_id: UUID, body: SessionPatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Done:
    await change_session(unit, request, session_id, body)
    return Done(f"{LIST}/{session_id}", _("Saved."))


@router.get(f"{ONE}/flytta")
async def new_dates(session_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """New dates, with whom they concern; after a refusal with who is elsewhere then."""
    people = await attendees(unit, session_id)
    problem = entered(request).problem
    elsewhere = {one["id"]: one["session"] for one in problem.extra.get("registrations", ())} if problem else {}
    also = [(one, elsewhere.get(str(one.registration_id))) for one in people]
    return View(
        "scheduling_pages/reschedule.html",
        session=(await find_session(unit, session_id)).shown,
        concerned=people,
        colliding=[(one, other) for one, other in also if other],
    )


@router.post(f"{ONE}/flytta")
async def move_dates(session_id: UUID, body: RescheduleBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await reschedule(unit, session_id, body)
    return Done(f"{LIST}/{session_id}", _("The session is moved, and everybody concerned is told."))


@router.get(f"{ONE}/stall-in")
async def cancelling(session_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What cancelling means, in numbers, before it is done."""
    shown = (await find_session(unit, session_id)).shown
    people = await attendees(unit, session_id)
    return View(
        "scheduling_pages/cancel.html",
        session=shown,
        concerned=_by_municipality(people, await municipality_names(unit)),
        confirmed=sum(one.status == "confirmed" for one in people),
        waiting=sum(one.status == "waitlisted" for one in people),
        minutes=minutes_of(shown),
    )


@router.post(f"{ONE}/stall-in")
async def cancel(session_id: UUID, body: CancelBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await cancel_session(unit, session_id, body)
    return Done(f"{LIST}/{session_id}", _("The session is cancelled, and everybody concerned is told."))


def _by_municipality(people: Sequence[Attendee], names: dict[str, str]) -> list[tuple[str, int, int]]:
    """Each municipality's name with how many of its people have a place, and how many wait."""
    counts = Counter((one.municipality, one.status) for one in people)
    concerned = [code for code in names if counts[code, "confirmed"] + counts[code, "waitlisted"]]
    return [(names[code], counts[code, "confirmed"], counts[code, "waitlisted"]) for code in concerned]


async def _choices(unit: Unit) -> dict[str, Any]:
    """What the form of a session chooses among."""
    return {
        "courses": await course_titles(unit),
        "municipalities": await municipality_names(unit),
        "trainers": await teaching_on(unit, local_day(unit.recorded_at)),
    }


@router.get("/boka/planering")
async def board(
    from_: Annotated[Day | None, Query(alias="from")] = None,
    weeks: Annotated[int, Query(ge=1, le=26)] = 8,
    course: Code | None = None,
    only: Trouble | None = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> View:
    """The planning board: weeks by places; `only` what may go wrong in one way."""
    first = monday_of(from_ or local_day(unit.recorded_at))
    mondays = [first + number * WEEK for number in range(weeks)]
    found = await occasions_between(unit, day_start(first), day_start(mondays[-1] + WEEK), course)
    found = [row for row in found if only is None or row[only]]
    names = await municipality_names(unit)
    cells: dict[tuple[date, str], list[RowMapping]] = defaultdict(list)
    for row in found:
        cells[max(first, monday_of(local_day(row["starts_at"]))), row["host_municipality"]].append(row)
    return View(
        "scheduling_pages/board.html",
        mondays=mondays,
        cells=cells,
        places={code: name for code, name in names.items() if any(place == code for _, place in cells)},
        found=found,
        courses=await course_titles(unit),
        earlier=first - weeks * WEEK,
        later=mondays[-1] + WEEK,
        weeks=weeks,
    )
