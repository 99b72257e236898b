"""Giving names to held seats: each becomes a registration, in the seat that was held for it."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlmodel import col
from starlette.requests import Request

from services.booking.allocation import events
from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_open
from services.booking.allocation.held import note_next_lapse
from services.booking.allocation.lock import Candidate
from services.booking.allocation.situation import load_situation
from services.booking.allocation.tables import Registration, Reservation
from services.booking.registrations.problems import problem_of
from services.booking.registrations.register import Result, in_order, refusals_of
from services.booking.registrations.take_over import take
from services.booking.reservations import problems
from services.booking.reservations.queries import ensure_open_at, reservation_row
from services.booking.reservations.rules import State
from shared.audit.record import Act, record_all
from shared.database.conditions import among
from shared.database.unit_of_work import Unit
from shared.web.etags import require_if_match
from shared.web.problems import invalid


async def name_persons(
    unit: Unit, request: Request, reservation_id: UUID, staff: Sequence[UUID]
) -> tuple[list[Result], int]:
    """Give held seats to these persons. Returns what became of each, and the reservation's revision.

    Who may not take part is rejected, the others are named; who was named before stays so. Raises 404, 412 and 428, 422
    for staff of another municipality, and 409 when there are more new names than held seats: then nobody is named.
    """
    seen = await reservation_row(unit, reservation_id)
    async with session_act(unit, seen["session_id"], staff=staff) as act:
        row = await reservation_row(unit, reservation_id)
        require_if_match(request, row["revision"])
        candidates = in_order(staff, act.candidates)
        _ensure_of(row["municipality"], candidates)
        named = await _named_before(unit, row, staff)
        new = [who for who in candidates if who.staff_id not in named]
        if not new:
            return _results(candidates, named), row["revision"]
        _ensure_held(act, row, len(new))
        now, refused = await _name(act, row, new)
        return _results(candidates, {**named, **now}, refused), row["revision"] + bool(now)


def _ensure_of(municipality: str, candidates: Iterable[Candidate]) -> None:
    wrong = [index for index, who in enumerate(candidates) if who.municipality != municipality]
    if wrong:
        raise invalid(*map(problems.other_municipality, wrong))


async def _named_before(unit: Unit, row: RowMapping, staff: Sequence[UUID]) -> dict[UUID, UUID]:
    """The registrations by staff of those who were named for this reservation and still have the seat."""
    columns = col(Registration.staff_id), col(Registration.id)
    of_it = col(Registration.reservation_id) == row["id"], col(Registration.status) == "confirmed"
    rows = await unit.all(select(*columns).where(*of_it, among(col(Registration.staff_id), staff)))
    return {each["staff_id"]: each["id"] for each in rows}


def _ensure_held(act: SessionAct, row: RowMapping, wanted: int) -> None:
    held = row["seats"] - row["named"]
    if row["state"] != State.FILLED:
        ensure_open_at(row, act.at)
    ensure_open(act.session, act.at, opening_overridden=True)
    if wanted > held:
        raise problems.more_than_held(held)


async def _name(
    act: SessionAct, row: RowMapping, new: Sequence[Candidate]
) -> tuple[dict[UUID, UUID], dict[UUID, Result]]:
    """The registrations of those who got a seat, and the results of those who may not, both by staff."""
    unit = act.unit
    situation = await load_situation(unit, act.session, new, act.at)
    named, refused = {}, {}
    for who, found in zip(new, refusals_of(new, situation), strict=True):
        if found is not None:
            problem = problem_of(found.as_seen_by(unit.municipality))
            refused[who.staff_id] = Result(who.staff_id, who.participant_id, problem=problem)
            continue
        registration_id = named[who.staff_id] = unit.ids.uuid7()
        await take(act, registration_id, who, "confirmed", via="reservation", reservation_id=row["id"])
        unit.emit(events.confirmed(registration_id, act.session.id, who, "reservation"))
    if named:
        await _count(act, row, named.values())
    return named, refused


async def _count(act: SessionAct, row: RowMapping, registrations: Iterable[UUID]) -> None:
    ids = list(registrations)
    named = row["named"] + len(ids)
    state = State.FILLED if named == row["seats"] else State.OPEN
    values = {"named": named, "state": state.value, "revision": row["revision"] + 1}
    if state is State.FILLED:
        values["ended_at"] = act.at
    await act.unit.execute(update(Reservation).where(col(Reservation.id) == row["id"]).values(values))
    await note_next_lapse(act.unit, act.session.id)
    after = {"reservation": row["id"]}
    acts = [Act("registration-confirmed", f"registration/{each}", after=after) for each in ids]
    counts = Act("reservation-named", f"reservation/{row['id']}", {"named": row["named"]}, {"named": named})
    await record_all(act.unit, [*acts, counts])


def _results(
    candidates: Iterable[Candidate], named: Mapping[UUID, UUID], refused: Mapping[UUID, Result] | None = None
) -> list[Result]:
    refused = refused or {}
    return [
        refused.get(who.staff_id) or Result(who.staff_id, who.participant_id, named[who.staff_id]) for who in candidates
    ]
