"""Two participants are found to be one human: one remains, with the employments, registrations and numbers of both."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import RowMapping, text, update
from sqlmodel import col

from services.booking.participants import problems
from services.booking.participants.bodies import MergeBody, ParticipantShown, participant_shown
from services.booking.participants.change_number import with_number
from services.booking.participants.queries import locked_participants
from services.booking.participants.rules import worth
from services.booking.staff.people import Attributes, Person
from services.booking.staff.save import save
from services.booking.staff.tables import EmploymentPeriod, Participant, Staff
from services.booking.staff.vault import Known, Vault
from shared.audit.record import Act, record_all
from shared.contracts.participants_v1 import ParticipantsMerged
from shared.contracts.people_v2 import PersonChangedV2
from shared.database.unit_of_work import Unit
from shared.security.personal_numbers import PersonalNumber

# Where each of the two is expected or was: on one session, or on two at one time, they cannot be one human.
COLLISIONS = text(
    """
    WITH held AS (
        SELECT r.participant_id, r.session_id, r.id AS registration
          FROM registrations r JOIN sessions s ON s.id = r.session_id
         WHERE r.participant_id IN (:ended, :into) AND r.status IN ('confirmed', 'waitlisted') AND s.state = 'scheduled'
        UNION ALL
        SELECT a.participant_id, a.session_id, NULL FROM attended a
         WHERE a.participant_id IN (:ended, :into) AND a.minutes > 0
    )
    SELECT mine.session_id AS session, CAST(max(CAST(mine.registration AS text)) AS uuid) AS registration,
           other.session_id AS other_session, CAST(max(CAST(other.registration AS text)) AS uuid) AS other_registration
      FROM held mine JOIN held other ON mine.participant_id = :ended AND other.participant_id = :into
     WHERE mine.session_id = other.session_id OR EXISTS (
           SELECT FROM occasions m JOIN occasions o ON m.starts_at < o.ends_at AND o.starts_at < m.ends_at
            WHERE m.session_id = mine.session_id AND o.session_id = other.session_id)
     GROUP BY 1, 3 ORDER BY 1, 3
    """
)
ATTENDED = text(
    """
    WITH known AS (DELETE FROM attended WHERE participant_id IN (:ended, :into) RETURNING *)
    INSERT INTO attended (session_id, participant_id, minutes, scheduled_minutes, no_show, by_occasion)
    SELECT session_id, CAST(:into AS uuid), sum(minutes), max(scheduled_minutes), bool_and(no_show),
           (array_agg(by_occasion ORDER BY minutes DESC))[1]
      FROM known GROUP BY session_id
    """
)


async def merge(unit: Unit, vault: Vault, ended: UUID, body: MergeBody) -> ParticipantShown:
    """The participant that remains. Raises 404, 422, and 409 when both cannot be one human, or one has ended already.

    Registrations follow their employments by their foreign key.
    """
    into = body.into
    if ended == into:
        raise problems.same_participant()
    async with unit.as_system():
        numbers = await vault.numbers(unit, [ended, into])
        before = await locked_participants(unit, [ended, into])
        if pairs := await collisions(unit, ended, into):
            raise problems.participants_collide(pairs)
        current = number_that_holds(numbers, into)
        await vault.hand_over(unit, numbers, into, current)
        await _move(unit, ended, into)
        remains = replace(before[into], attributes=_of_both(before[ended], before[into], numbers, current))
        now = remains.with_employments((*before[ended].employments, *before[into].employments))
        await _audit(unit, before[ended], before[into], body.reason)
        unit.emit(ParticipantsMerged(participant_id=ended, into=into))
        unit.emit_tombstone(PersonChangedV2, key=f"person/{ended}")
        await save(unit, {into: before[into]}, {into: now}, [])
    return participant_shown(now)


async def collisions(unit: Unit, ended: UUID, into: UUID) -> Sequence[RowMapping]:
    """What stands against the two being one human. Needs the system scope."""
    return await unit.all(COLLISIONS, {"ended": ended, "into": into})


def number_that_holds(numbers: Sequence[Known], into: UUID) -> PersonalNumber | None:
    """The number of the one that remains, unless only the other one's is a personal number."""
    current = [each for each in numbers if each.current]
    best = max(current, key=lambda each: (worth(each.number), each.participant_id == into), default=None)
    return best.number if best else None


def _of_both(ended: Person, into: Person, numbers: Sequence[Known], current: PersonalNumber | None) -> Attributes:
    attributes = into.attributes
    own = next((each.number for each in numbers if each.current and each.participant_id == into.participant_id), None)
    if current is not None and current != own:
        attributes = with_number(attributes, current, own)
    protected = into.attributes.protected_identity or ended.attributes.protected_identity
    return replace(attributes, protected_identity=protected)


async def _move(unit: Unit, ended: UUID, into: UUID) -> None:
    for table in (Staff, EmploymentPeriod):
        await unit.execute(update(table).where(col(table.participant_id) == ended).values(participant_id=into))
    await unit.execute(ATTENDED, {"ended": ended, "into": into})
    names = (col(Participant.participant_id), col(Participant.merged_into))
    chain = update(Participant).where((names[0] == ended) | (names[1] == ended)).values(merged_into=into)
    await unit.execute(chain)


async def _audit(unit: Unit, ended: Person, into: Person, reason: str) -> None:
    after = {"participant_id": into.participant_id, "reason": reason}
    targets = [f"participant/{person.participant_id}" for person in (ended, into)]
    targets += [f"staff/{employment.id}" for employment in ended.employments]
    before = {"participant_id": ended.participant_id}
    await record_all(unit, [Act("participants-merged", target, before, after) for target in targets])
