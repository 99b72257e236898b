"""A walk-in is known: who is there is taken, also beyond capacity and over another registration."""

from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlmodel import col

from services.booking.allocation import events
from services.booking.allocation.act import SessionAct
from services.booking.allocation.lock import Candidate, candidate_of
from services.booking.allocation.queue import forget_empty_entries
from services.booking.allocation.tables import ACTIVE, Registration
from services.booking.registrations.take_over import take
from services.booking.walk_ins.tables import WalkIn
from shared.audit.record import Act, record_all
from shared.contracts.booking_v1 import ConfirmedVia
from shared.database.conditions import among
from shared.database.unit_of_work import Unit


async def registration_on(unit: Unit, session_id: UUID, participant_id: UUID) -> RowMapping | None:
    """The person's registration on the session, with a seat or in the queue. Only in system scope."""
    person = col(Registration.session_id) == session_id, col(Registration.participant_id) == participant_id
    return await unit.one_or_none(select(Registration).where(*person, among(col(Registration.status), ACTIVE)))


async def confirm(act: SessionAct, walk_in: RowMapping, who: Candidate, known: RowMapping | None) -> RowMapping:
    """Put the person on the roll. Returns the walk-in as it is now.

    Who is registered already stays so; that is published again, so that marks of the walk-in find the person.
    """
    unit = act.unit
    via: ConfirmedVia = known["via"] if known and known["status"] == "confirmed" else "walk-in"
    if known is None:
        registration_id = unit.ids.uuid7()
        await take(act, registration_id, who, "confirmed", via="walk-in")
    else:
        registration_id, who = known["id"], candidate_of(known)
        if known["status"] == "waitlisted":
            await _leave_queue(act, known)
    named = walk_in["walk_in_id"]
    unit.emit(events.confirmed(registration_id, act.session.id, who, via, walk_in_id=named))
    values = {
        "state": "confirmed",
        "registration_id": registration_id,
        "municipality": who.municipality,
        "name": None,
        "revision": walk_in["revision"] + 1,
    }
    after = {"state": "confirmed", "registration": registration_id}
    came = Act("walk-in-confirmed", f"walk-in/{walk_in['id']}", {"state": walk_in["state"]}, after)
    taken = Act("registration-confirmed", f"registration/{registration_id}", after={"walk_in": walk_in["id"]})
    await record_all(unit, [came, taken])
    return await unit.one(update(WalkIn).where(col(WalkIn.id) == walk_in["id"]).values(values).returning(WalkIn))


async def _leave_queue(act: SessionAct, known: RowMapping) -> None:
    seated = {"status": "confirmed", "via": "walk-in", "confirmed_at": act.at, "revision": known["revision"] + 1}
    await act.unit.execute(update(Registration).where(col(Registration.id) == known["id"]).values(seated))
    await forget_empty_entries(act.unit, act.session.id)
