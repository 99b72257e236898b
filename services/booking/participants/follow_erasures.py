"""What becomes of an erasure afterwards: attendance has forgotten the person, and one day the evidence goes too."""

from sqlalchemy import text

from services.booking.participants.erase import evidence_until
from shared.clock import local_day
from shared.contracts.participants_v1 import ParticipantChanged
from shared.contracts.signatures_v1 import ErasureApplied
from shared.contracts.topics import SIGNATURES
from shared.database.retention import FORGET, STEP
from shared.database.unit_of_work import Unit, Units
from shared.messaging.delivery import Consumer, Event, each

APPLIED = text(
    "UPDATE erasures SET attendance_done_at = :at "
    "WHERE tombstone_id = CAST(:cause AS uuid) AND attendance_done_at IS NULL"
)
# Who was entered again is not erased any more, and keeps the number.
DUE = text(
    """
    UPDATE erasures SET number_gone_at = :now WHERE id IN (
        SELECT e.id FROM erasures e JOIN participants p ON p.participant_id = e.participant_id
         WHERE p.erased AND e.number_gone_at IS NULL ORDER BY e.id LIMIT :step FOR UPDATE OF e SKIP LOCKED)
    RETURNING participant_id
    """
)


async def take_erasure_applied(unit: Unit, event: Event) -> None:
    """Notes the answer of attendance to the tombstone that caused it; the one of a merge is no erasure's."""
    assert isinstance(event.data, ErasureApplied)
    if event.envelope.causation_id:
        await unit.execute(APPLIED, {"at": unit.recorded_at, "cause": event.envelope.causation_id})


async def end_evidence(units: Units) -> None:
    """The retention of evidence is over: the numbers of erased people leave the vault, and their keys the topic."""
    async with units.system() as unit:
        until = await evidence_until(unit)
        if until is None or local_day(unit.recorded_at) <= until:
            return
        for row in await unit.all(DUE, {"now": unit.recorded_at, "step": STEP}):
            unit.emit_tombstone(ParticipantChanged, key=str(row["participant_id"]))
        await unit.execute(FORGET, {"what": "numbers_of_erased", "before": unit.recorded_at, "step": STEP})


CONSUMER = Consumer("booking-signatures", (SIGNATURES,), each({ErasureApplied: take_erasure_applied}))
