"""Correcting a sealed roll: a new version with its reason. Nothing is overwritten, and the seal is broken."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, text

from services.attendance.attestation.bodies import CorrectionBody
from services.attendance.cells.contradictions import close_late
from services.attendance.cells.fits import require_no_overlap
from services.attendance.cells.overlaps import Key
from services.attendance.cells.rules import ABSENT, PRESENT, Kind
from services.attendance.cells.settle import cells_at, entered, settle
from services.attendance.cells.tables import MarkRow
from services.attendance.occasions.problems import unknown_occasion
from services.attendance.occasions.queries import occasions_of
from services.attendance.occasions.rules import Schedule
from services.attendance.people.merged import person_of
from services.attendance.rolls.lock import ATTESTED, OPEN, lock_roll, raise_version
from services.attendance.rolls.registrations import KNOWN_TO_THE_ROLL
from services.attendance.rolls.reopen import reopen
from services.attendance.signatures.void import void_changed
from shared.contracts.attendance_v1 import CorrectionReason
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, conflict, invalid

REGISTRATION = text("SELECT registration FROM roll_people WHERE session_id = :session_id AND participant_id = :person")


async def correct(unit: Unit, session_id: UUID, body: CorrectionBody) -> UUID:
    """Records the correction. Returns its id. The roll must be attested again before its minutes count.

    Raises 409 while the roll has never been attested (mark it instead), when nothing would change, and when the
    minutes overlap with another session; 422 for an unknown person or occasion, or minutes beyond the schedule.
    """
    roll = await lock_roll(unit, session_id)
    if roll["state"] == OPEN:
        raise conflict(
            "roll-not-attested",
            "Närvarolistan är inte attesterad än. Markera närvaron i stället.",
            "The roll has not been attested yet. Mark the attendance instead.",
        )
    async with unit.as_system():
        key = (session_id, await person_of(unit, body.participant_id), body.occasion_id)
        schedule = await _schedule(unit, key, body.minutes)
        cell = (await cells_at(unit, [key])).get(key)
        _require_change(cell, body)
        await require_no_overlap(unit, key, schedule, body.minutes)
        said = {"status": PRESENT if body.minutes else ABSENT, "minutes": body.minutes}
        return await record_correction(unit, roll, key, cell, said, reason=body.reason, reason_code=body.reason_code)


async def record_correction(
    unit: Unit,
    roll: RowMapping,
    key: Key,
    cell: Mapping[str, Any] | None,
    said: Mapping[str, Any],
    *,
    reason: str,
    reason_code: CorrectionReason,
) -> UUID:
    """Adds a correction to a locked roll that was attested, breaks its seal, and ends what late marks asked.

    `said`: status, minutes and reason of an absence; `cell`: what the roll says now. Returns the correction's id.
    """
    correction = entered(unit, roll, key, Kind.CORRECTION) | {
        **said,
        "reason": reason,
        "reason_code": reason_code,
        "after_seal": roll["state"] == ATTESTED,
        "replaces": cell and cell["mark_id"],
    }
    await unit.execute(insert(MarkRow), correction)
    if roll["state"] == ATTESTED:
        await reopen(unit, key[0], reason_code)
    await settle(unit, [key], {key[0]: correction["version"]})
    await close_late(unit, key, correction["mark_id"])
    await raise_version(unit, roll, content_changed=True)
    await void_changed(unit, [key[0]], "corrected")
    return UUID(str(correction["mark_id"]))


async def _schedule(unit: Unit, key: Key, minutes: int) -> Schedule:
    session_id, person, occasion_id = key
    occasion = (await occasions_of(unit, [session_id])).get(occasion_id)
    if occasion is None or occasion.dropped:
        raise invalid(unknown_occasion())
    if await unit.scalar(REGISTRATION, {"session_id": session_id, "person": person}) not in KNOWN_TO_THE_ROLL:
        raise invalid(
            FieldError(
                "/participant_id",
                "not-on-roll",
                "Personen står inte på listan. Anmäl personen först.",
                "The person is not on the roll. Register the person first.",
            )
        )
    scheduled = occasion.schedule.scheduled_minutes
    if minutes > scheduled:
        raise invalid(
            FieldError(
                "/minutes",
                "minutes-out-of-range",
                f"Datumtillfället är {scheduled} minuter utan raster.",
                f"The occasion has {scheduled} minutes without breaks.",
            )
        )
    return occasion.schedule


def _require_change(cell: Mapping[str, Any] | None, body: CorrectionBody) -> None:
    contested = cell is not None and cell["contested"]
    if not contested and body.minutes == (cell["minutes"] if cell else 0):
        raise conflict(
            "nothing-to-correct",
            f"Listan säger redan {body.minutes} minuter.",
            f"The roll says {body.minutes} minutes already.",
        )
