"""Another person of the municipality takes over a seat, or a place in the queue (product rule 7). Never late."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from services.booking.allocation import events
from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_open
from services.booking.allocation.lock import Candidate
from services.booking.allocation.queue import positions
from services.booking.allocation.situation import load_situation
from services.booking.registrations import problems
from services.booking.registrations.queries import registration_row
from services.booking.registrations.take_over import ensure_eligible, give_up, take
from shared.audit.record import Act, record_all
from shared.database.unit_of_work import Unit
from shared.web.problems import invalid


async def substitute(unit: Unit, registration_id: UUID, staff_id: UUID) -> UUID:
    """Put another person in a registration's place until the session begins. Returns the id of the new registration.

    The seat stays the municipality's, in its share or in the common pool; in the queue the place is kept, also inside
    a group. Raises 404, 422 for staff of another municipality, and 409 for a registration that has ended, a session
    that has begun, or a person who may not take part.
    """
    seen = await registration_row(unit, registration_id)
    async with session_act(unit, seen["session_id"], staff=[staff_id]) as act:
        row = await registration_row(unit, registration_id)
        ensure_open(act.session, act.at, opening_overridden=True)
        problems.ensure_active(row, act.at)
        who = _of_same_municipality(row, act.candidates)
        situation = await load_situation(unit, act.session, [who], act.at)
        ensure_eligible(unit, situation.people[who.employment_id], situation)
        return await _replace(act, row, who)


def _of_same_municipality(row: RowMapping, found: Sequence[Candidate]) -> Candidate:
    if not found:
        raise problems.substitute_missing()
    [who] = found
    if who.municipality != row["municipality"]:
        raise invalid(problems.other_municipality())
    return who


async def _replace(act: SessionAct, row: RowMapping, who: Candidate) -> UUID:
    unit, new, status = act.unit, act.unit.ids.uuid7(), row["status"]
    await give_up(act, row, "substituted", new)
    unit.emit(events.substituted(row, new))
    if status == "confirmed":
        await take(act, new, who, status, via="substitution")
        unit.emit(events.confirmed(new, act.session.id, who, "substitution", replaces=row["id"]))
    else:
        await take(act, new, who, status, entry_id=row["entry_id"], entry_order=row["entry_order"])
        unit.emit(events.waitlisted(new, act.session.id, who, (await positions(unit, [new]))[new]))
    await record_all(unit, _audited(row, new))
    return new


def _audited(row: RowMapping, new: UUID) -> list[Act]:
    before, after = {"status": row["status"]}, {"status": "substituted", "by_registration": new}
    return [
        Act("registration-substituted", f"registration/{row['id']}", before, after),
        Act(f"registration-{row['status']}", f"registration/{new}", after={"replaces": row["id"]}),
    ]
