"""One registration takes another's place: a substitute's on the same session, or the same person's on another one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, update
from sqlmodel import col

from services.booking.allocation.act import SessionAct
from services.booking.allocation.eligibility import Person, refusal
from services.booking.allocation.events import forget_support
from services.booking.allocation.lock import Candidate
from services.booking.allocation.situation import Situation
from services.booking.allocation.tables import Registration
from services.booking.registrations.end import who_ends
from services.booking.registrations.problems import problem_of
from shared.database.unit_of_work import Unit


def ensure_eligible(unit: Unit, person: Person, situation: Situation, *, overridden: bool = False) -> None:
    """Raises 409 with the first thing that keeps the person from the session."""
    found = refusal(person, situation.demands, overridden=overridden)
    if found is not None:
        raise problem_of(found.as_seen_by(unit.municipality))


async def give_up(act: SessionAct, row: RowMapping, status: str, successor_id: UUID) -> None:
    """End a registration in favour of its successor. What its person needed there is forgotten."""
    ended = {
        "status": status,
        "successor_id": successor_id,
        "was": row["status"],
        "late": False,
        "neutral": False,
        "ended_by": who_ends(act.unit),
        "ended_at": act.at,
        "support_needs": [],
        "revision": row["revision"] + 1,
    }
    await act.unit.execute(update(Registration).where(col(Registration.id) == row["id"]).values(ended))
    if row["support_needs"]:
        forget_support(act.unit, row["id"])


async def take(
    act: SessionAct,
    registration_id: UUID,
    who: Candidate,
    status: str,
    *,
    via: str | None = None,
    support_needs: Sequence[str] = (),
    **fields: Any,
) -> None:
    """Store the successor: a seat from now on, or a place in the queue."""
    row = {
        "id": registration_id,
        "session_id": act.session.id,
        **vars(who),
        "status": status,
        "via": via,
        "registered_at": act.at,
        "confirmed_at": act.at if status == "confirmed" else None,
        "support_needs": list(support_needs),
        "revision": 1,
        **fields,
    }
    await act.unit.execute(insert(Registration).values(row))
