"""What booking learns from attendance: who attended which session how long, who did not come, who is forgotten; and
from reporting, which reports are frozen.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlmodel import col

from services.booking.allocation.tables import Attended
from services.booking.named_copies import follow_reports
from services.booking.participants import follow_erasures
from services.booking.participants.queries import became
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested, RollReopened
from shared.contracts.topics import ATTENDANCE
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Consumer, Event, each, only

# Answers a row only when the event is newer than what was applied for the session.
ADVANCE = text(
    """
    INSERT INTO roll_states (session_id, sequence, attested) VALUES (:session, :sequence, :attested)
    ON CONFLICT (session_id) DO UPDATE SET sequence = excluded.sequence, attested = excluded.attested
     WHERE roll_states.sequence < excluded.sequence
    RETURNING 1
    """
)


async def take_attested_roll(unit: Unit, event: Event) -> None:
    """The sealed roll replaces whatever was known of the session."""
    assert isinstance(event.data, RollAttested)
    if not await _advance(unit, event, attested=True):
        return
    session_id = UUID(event.key)
    await _forget(unit, session_id)
    rows = attended_rows(session_id, await _of_who_remains(unit, event.data.minutes))
    if rows:
        await unit.execute(insert(Attended), rows)


async def _of_who_remains(unit: Unit, minutes: tuple[AttestedMinutes, ...]) -> tuple[AttestedMinutes, ...]:
    """The lines with the participants that those on the roll have become since by merging."""
    into = await became(unit, {line.participant_id for line in minutes})
    return tuple(
        line.model_copy(update={"participant_id": into.get(line.participant_id, line.participant_id)})
        for line in minutes
    )


async def take_reopened_roll(unit: Unit, event: Event) -> None:
    """Until it is attested again the session has no attested minutes."""
    if await _advance(unit, event, attested=False):
        await _forget(unit, UUID(event.key))


async def _advance(unit: Unit, event: Event, *, attested: bool) -> bool:
    found = await unit.scalar(ADVANCE, {"session": UUID(event.key), "sequence": event.sequence, "attested": attested})
    return found is not None


async def _forget(unit: Unit, session_id: UUID) -> None:
    await unit.execute(delete(Attended).where(col(Attended.session_id) == session_id))


def attended_rows(session_id: UUID, minutes: tuple[AttestedMinutes, ...]) -> list[dict[str, object]]:
    """One row per person, measured against all occasions of the roll, also those where it does not list the person
    (registration cancelled, yet there for a part). Excused from every occasion without minutes is no no-show.
    """
    scheduled = {line.occasion_id: line.scheduled_minutes for line in minutes}
    lines: dict[UUID, list[AttestedMinutes]] = defaultdict(list)
    for line in minutes:
        lines[line.participant_id].append(line)
    return [
        {
            "session_id": session_id,
            "participant_id": participant_id,
            "minutes": sum(line.minutes for line in own),
            "scheduled_minutes": sum(scheduled.values()),
            "no_show": not any(line.minutes for line in own) and not all(line.excused for line in own),
            "by_occasion": _by_occasion(own) if len(scheduled) > 1 else {},
        }
        for participant_id, own in lines.items()
    ]


def _by_occasion(lines: Iterable[AttestedMinutes]) -> dict[str, int]:
    """Somebody may have several lines of one occasion: they add up."""
    minutes: Counter[str] = Counter()
    for line in lines:
        minutes[str(line.occasion_id)] += line.minutes
    return dict(minutes)


CONSUMERS = [
    Consumer(
        "booking-attendance",
        (ATTENDANCE,),
        each({RollAttested: take_attested_roll, RollReopened: take_reopened_roll}),
        wants=only(RollAttested, RollReopened),
    ),
    follow_erasures.CONSUMER,
    follow_reports.CONSUMER,
]
