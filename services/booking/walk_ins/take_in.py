"""Taking in who comes without a registration: known at once by the personal number, or to be identified."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text
from sqlmodel import col

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_not_cancelled
from services.booking.allocation.lock import Candidate, candidate_of, lock_persons
from services.booking.allocation.problems import session_missing
from services.booking.allocation.tables import SessionTrainer
from services.booking.catalogue.queries import ensure_municipality
from services.booking.staff.entry import parsed_number
from services.booking.staff.rules import employer
from services.booking.staff.vault import Vault
from services.booking.walk_ins import problems
from services.booking.walk_ins.bodies import WalkInBody
from services.booking.walk_ins.confirm import confirm, registration_on
from services.booking.walk_ins.tables import WalkIn
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.security.personal_numbers import PersonalNumber
from shared.security.roles import Role
from shared.web.problems import FieldError, invalid

EMPLOYED = text(
    """
    SELECT s.id AS staff_id, s.participant_id, s.employment_id, s.municipality FROM staff s
     WHERE s.participant_id = :participant AND EXISTS (
           SELECT FROM employment_periods p WHERE p.employment_id = s.employment_id
              AND NOT s.erased AND p.valid_from <= :day AND (p.valid_to IS NULL OR p.valid_to >= :day))
     ORDER BY s.id
    """
)


async def take_in(unit: Unit, vault: Vault, session_id: UUID, body: WalkInBody) -> RowMapping:
    """The walk-in as it is now; the same one again changes nothing. Never promotes anybody.

    Raises 404 for a session that is not the trainer's, 422 for a wrong number, 409 for a cancelled session, and for a
    trainer more than a day before it begins: nobody can be there yet, and this way in has no limit of seats.
    """
    await ensure_own(unit, session_id)
    number = _number(unit, body)
    await ensure_municipality(unit, body.municipality)
    async with session_act(unit, session_id, promotes=False) as act:
        ensure_not_cancelled(act.session)
        known = await unit.one_or_none(select(WalkIn).where(col(WalkIn.walk_in_id) == body.walk_in_id))
        if known is not None and known["session_id"] != session_id:
            raise problems.walk_in_taken()
        if known is None and unit.role is Role.TRAINER and act.at < act.session.starts_at - timedelta(days=1):
            raise problems.not_begun(act.session.first_day)
        walk_in = known or await _note(act, body)
        participant = await vault.holder(unit, number) if number and walk_in["state"] == "to-identify" else None
        return walk_in if participant is None else await _confirmed(act, walk_in, participant, body.municipality)


async def ensure_own(unit: Unit, session_id: UUID) -> None:
    """Raises 404 for a session that a trainer does not hold."""
    if unit.role is Role.TRAINER:
        own = col(SessionTrainer.session_id) == session_id, col(SessionTrainer.trainer_id) == unit.trainer_id
        if await unit.scalar(select(col(SessionTrainer.trainer_id)).where(*own)) is None:
            raise session_missing()


def _number(unit: Unit, body: WalkInBody) -> PersonalNumber | None:
    if body.personal_number is None:
        return None
    number = parsed_number(unit, body.personal_number)
    if isinstance(number, FieldError):
        raise invalid(number)
    return number


async def _note(act: SessionAct, body: WalkInBody) -> RowMapping:
    row = {
        **body.model_dump(exclude={"personal_number"}),
        "id": act.unit.ids.uuid7(),
        "session_id": act.session.id,
        "state": "to-identify",
        "came_at": act.at,
        "revision": 1,
    }
    await record(act.unit, "walk-in-added", f"walk-in/{row['id']}", after={"session": act.session.id})
    return await act.unit.one(insert(WalkIn).values(row).returning(WalkIn))


async def _confirmed(act: SessionAct, walk_in: RowMapping, participant: UUID, municipality: str | None) -> RowMapping:
    """The walk-in, confirmed when it is plain on whose behalf the person came."""
    await lock_persons(act.unit, [participant])
    known = await registration_on(act.unit, act.session.id, participant)
    who = candidate_of(known) if known else await _employed(act, participant, municipality)
    return walk_in if who is None else await confirm(act, walk_in, who, known)


async def _employed(act: SessionAct, participant: UUID, municipality: str | None) -> Candidate | None:
    rows = await act.unit.all(EMPLOYED, {"participant": participant, "day": act.session.first_day})
    return employer([(row["municipality"], candidate_of(row)) for row in rows], municipality)
