"""The pages of rolls: the list, one, marking it, and on paper."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from services.attendance.catalogue.queries import municipality_names
from services.attendance.check_in.rules import OPENS_BEFORE
from services.attendance.roll_pages.bodies import EnteredRollBody
from services.attendance.roll_pages.enter_roll import enter_roll
from services.attendance.roll_pages.queries import of_people, refusals, session_and_roll, trainer_names
from services.attendance.rolls.bodies import OccasionOnRollShown, RollShown
from services.attendance.rolls.http import session_shown
from services.attendance.rolls.queries import sessions
from shared.clock import local_day
from shared.web.cursors import Page, Paging
from shared.web.fields import Day
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import language_of, not_found
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/narvaro/listor"
ONE = f"{LIST}/{{session_id}}"
ROWS = 50
State = Literal["open", "attested", "reopened", "to-attest"]


@router.get(LIST)
async def rolls(
    page: Paging,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    state: State | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> View:
    """The sessions with their rolls, filtered."""
    shorter = Page(ROWS, page.after, page.path)
    rows = await sessions(
        unit,
        from_=from_,
        to=to,
        after=page.key(datetime, UUID),
        limit=shorter.fetch,
        state=None if state == "to-attest" else state,
        to_attest_at=unit.recorded_at if state == "to-attest" else None,
    )
    chosen = [(name, value) for name, value in (("state", state), ("from", from_), ("to", to)) if value]
    return View(
        "roll_pages/list.html",
        listing=shorter.answer(rows, lambda row: [row["starts_at"].isoformat(), row["session_id"]], session_shown),
        question={"from": from_, "to": to, "state": state},
        chosen=chosen,
        now=unit.recorded_at,
    )


@router.get(ONE)
async def roll(session_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    """One roll: everybody with what counts for them, what waits and what was refused."""
    session, shown = await session_and_roll(unit, request, session_id)
    refused, of_nobody = of_people(
        await refusals(unit, request, session_id), {str(person.participant_id) for person in shown.people}
    )
    return View(
        "roll_pages/one.html",
        session=session,
        roll=shown,
        marks=_by_place(shown),
        conflicts={(one.participant_id, one.occasion_id): one.id for one in shown.conflicts},
        refused=refused,
        of_nobody=of_nobody,
        municipalities=await municipality_names(unit),
        trainers=await trainer_names(unit, session.trainers),
        now=unit.recorded_at,
        checks_in=any(one.starts_at - OPENS_BEFORE <= unit.recorded_at < one.ends_at for one in shown.occasions),
        begun=any(local_day(one.starts_at) <= local_day(unit.recorded_at) for one in shown.occasions),
    )


@router.get(f"{ONE}/skriv-ut")
async def paper(session_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    """The attendance list on paper, with a column for signatures."""
    session, shown = await session_and_roll(unit, request, session_id)
    return View(
        "roll_pages/paper.html",
        session=session,
        roll=shown,
        municipalities=await municipality_names(unit),
        trainers=await trainer_names(unit, session.trainers),
    )


@router.get(f"{ONE}/markera")
async def marking(
    session_id: UUID,
    request: Request,
    occasion_id: UUID | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> View:
    """The form of one occasion: one row for each person."""
    session, shown = await session_and_roll(unit, request, session_id)
    occasion = _occasion(shown, occasion_id, unit.recorded_at)
    return View(
        "roll_pages/mark.html",
        session=session,
        roll=shown,
        occasion=occasion,
        marks=_by_place(shown),
        conflicts={one.participant_id for one in shown.conflicts if one.occasion_id == occasion.occasion_id},
        municipalities=await municipality_names(unit),
    )


@router.post(f"{ONE}/markera")
async def mark(
    session_id: UUID, body: EnteredRollBody, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Done:
    taken, refused = await enter_roll(unit, session_id, body, language_of(request))
    address = f"{LIST}/{session_id}"
    if refused:
        return Done(
            address, _("%(taken)s marks saved, %(refused)s refused: see why below."), taken=taken, refused=refused
        )
    return Done(address, _("%(taken)s marks saved."), taken=taken)


def _by_place(shown: RollShown) -> dict[tuple[UUID, UUID], object]:
    return {(person.participant_id, one.occasion_id): one for person in shown.people for one in person.marks}


def _occasion(shown: RollShown, occasion_id: UUID | None, now: datetime) -> OccasionOnRollShown:
    """The occasion asked for, else the last that has begun, else the first. Raises 404."""
    begun = [one for one in shown.occasions if one.starts_at <= now]
    found = [one for one in shown.occasions if one.occasion_id == occasion_id] if occasion_id else begun[-1:]
    found = found or ([] if occasion_id else list(shown.occasions[:1]))
    if not found:
        raise not_found("Datumtillfället", "The occasion")
    return found[0]
