"""A person moves to another session in one act: never into its queue, and without losing the seat when it is full."""

from uuid import UUID

from sqlalchemy import RowMapping, update
from sqlmodel import col

from services.booking.allocation import events
from services.booking.allocation.act import SessionAct, session_acts
from services.booking.allocation.checks import ensure_not_over, ensure_open, ensure_within_project
from services.booking.allocation.eligibility import Obstacle, Refusal
from services.booking.allocation.lock import Candidate, candidate_of
from services.booking.allocation.promote import examine_queue
from services.booking.allocation.promotion import promotions
from services.booking.allocation.queue import forget_empty_entries
from services.booking.allocation.situation import load_situation
from services.booking.allocation.tables import Registration
from services.booking.registrations import problems
from services.booking.registrations.queries import registration_row
from services.booking.registrations.rules import is_late
from services.booking.registrations.take_over import ensure_eligible, give_up, take
from shared.audit.record import Act, record_all
from shared.database.unit_of_work import Unit


async def move(unit: Unit, registration_id: UUID, session_id: UUID) -> UUID:
    """Give the person a seat on another session, and the one that is left to those who wait for it.

    A seat that is left after the deadline is late unless somebody who waits gets it at once. Returns the id of the new
    registration. Raises 404, and 409 when either session takes no such act, when there is no seat (nobody is put into
    a queue), or when the person may not take part.
    """
    seen = await registration_row(unit, registration_id)
    if seen["session_id"] == session_id:
        raise problems.problem_of(Refusal(Obstacle.ALREADY_REGISTERED))
    async with session_acts(unit, [seen["session_id"], session_id], staff=[seen["staff_id"]]) as acts:
        left, target = acts[seen["session_id"]], acts[session_id]
        row = await registration_row(unit, registration_id)
        ensure_not_over(left.session, left.at)
        problems.ensure_active(row, left.at)
        who = candidate_of(row)
        override = row["override_reason"] if left.session.course == target.session.course else None
        await _ensure_seat(target, who, row, overridden=override is not None)
        new = unit.ids.uuid7()
        await _leave(left, row, target, new)
        await _arrive(target, row, who, new, override)
    return new


async def _ensure_seat(target: SessionAct, who: Candidate, row: RowMapping, *, overridden: bool) -> None:
    """What a coordinator set aside for the person on a course holds on its other sessions too."""
    ensure_open(target.session, target.at, opening_overridden=overridden)
    situation = await load_situation(target.unit, target.session, [who], target.at)
    ensure_within_project(target.session, situation.project_period)
    person = situation.people[who.employment_id].without(row["id"])
    ensure_eligible(target.unit, person, situation, overridden=overridden)
    seats = await target.serve_queue(situation)
    if not seats.available_to(who.municipality):
        raise problems.no_seat_to_move_to()


async def _leave(left: SessionAct, row: RowMapping, target: SessionAct, new: UUID) -> None:
    await give_up(left, row, "cancelled", new)
    if row["status"] == "waitlisted":
        await forget_empty_entries(left.unit, left.session.id)
    late = await _stays_empty(left, row)
    if late:
        await left.unit.execute(update(Registration).where(col(Registration.id) == row["id"]).values(late=True))
    # Before those who are promoted in its place, so that no reader of the events sees a seat twice.
    left.unit.emit(events.moved_out(row, target.session.id, late=late))
    after = {"status": "cancelled", "late": late, "moved_to": new}
    moved = Act("registration-moved", f"registration/{row['id']}", {"status": row["status"]}, after)
    await record_all(left.unit, [moved])


async def _stays_empty(left: SessionAct, row: RowMapping) -> bool:
    """Whether a seat was left after the deadline that nobody who waits will get."""
    if row["status"] != "confirmed" or not is_late(left.at, left.session.cancellation_deadline):
        return False
    queue = await examine_queue(left.unit, left.session, left.at)
    return queue is None or not any(promotions(queue.plan))


async def _arrive(target: SessionAct, row: RowMapping, who: Candidate, new: UUID, override: str | None) -> None:
    unit, needs = target.unit, row["support_needs"]
    await take(target, new, who, "confirmed", via="move", support_needs=needs, override_reason=override)
    unit.emit(events.confirmed(new, target.session.id, who, "move", from_session=row["session_id"]))
    events.note_support(unit, new, target.session.id, needs)
    await record_all(unit, [Act("registration-confirmed", f"registration/{new}", after={"moved_from": row["id"]})])
