"""Attesting: the trainer certifies the roll, and it is sealed."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping, insert, select, text, update
from sqlmodel import col

from services.attendance.attestation.tables import Seal
from services.attendance.fields import Name, Reason
from services.attendance.rolls.content import Content, content_of
from services.attendance.rolls.lock import ATTESTED, lock_roll
from services.attendance.rolls.tables import Roll
from shared.clock import day_start, local_day
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested
from shared.database.unit_of_work import Unit
from shared.web.bodies import Body
from shared.web.problems import conflict
from shared.web.times import ShownTime

WAITING = text(
    "SELECT (SELECT count(*) FROM conflicts WHERE session_id = :session_id AND resolved_at IS NULL) AS conflicts, "
    "(SELECT count(*) FROM marks WHERE session_id = :session_id AND standing = 'held') AS held"
)


class AttestIn(Body):
    """The version that the trainer certifies.

    With `content_hash` the same content passes although the version rose.
    """

    roll_version: int = Field(ge=0)
    content_hash: str | None = Field(default=None, max_length=200)
    on_behalf_of: Name | None = None
    reason: Reason | None = None


class AttestOut(BaseModel):
    """The seal."""

    sealed_hash: str
    attested_at: ShownTime
    roll_version: int


async def attest(unit: Unit, session_id: UUID, body: AttestIn) -> AttestOut:
    """Seals the roll and publishes all its minutes. Attesting a sealed roll that has not changed answers its seal.

    Raises 409 when something waits for a decision, or when the roll is not what the caller saw.
    """
    roll = await lock_roll(unit, session_id)
    async with unit.as_system():
        await _require_ready(unit, roll)
        content = await content_of(unit, session_id)
        _require_seen(roll, content, body)
        if roll["state"] == ATTESTED and roll["sealed_hash"] == content.hash:
            return await _present_seal(unit, session_id)
        return await _seal(unit, roll, content, body)


async def _require_ready(unit: Unit, roll: RowMapping) -> None:
    if roll["cancelled"]:
        raise conflict(
            "session-cancelled",
            "Kurstillfället är inställt och har ingen närvaro att attestera.",
            "The session was cancelled: there is no attendance to attest.",
        )
    if unit.recorded_at < day_start(local_day(roll["ends_at"])):
        raise conflict(
            "session-not-over",
            "Kurstillfället har datum kvar. Attestera när det sista är över.",
            "The session has dates left. Attest when the last one is over.",
        )
    waiting = await unit.one(WAITING, {"session_id": roll["session_id"]})
    if waiting["conflicts"]:
        raise conflict(
            "unresolved-conflicts",
            f"{waiting['conflicts']} motsägelser på listan är inte avgjorda. Avgör dem under conflicts.",
            f"{waiting['conflicts']} contradictions on this roll are undecided. Decide them under conflicts.",
            conflicts=waiting["conflicts"],
        )
    if waiting["held"]:
        raise conflict(
            "held-marks",
            f"{waiting['held']} markeringar väntar på en anmälan. Vänta, eller ge upp dem (discard).",
            f"{waiting['held']} marks wait for a registration. Wait, or discard them.",
            held=waiting["held"],
        )


def _require_seen(roll: RowMapping, content: Content, body: AttestIn) -> None:
    """The caller has seen the content if the hash says so, or nothing of it changed since the version given."""
    if body.content_hash is not None:
        seen = body.content_hash == content.hash
    else:
        seen = roll["content_version"] <= body.roll_version <= roll["roll_version"]
    if not seen:
        raise conflict(
            "roll-changed",
            "Närvarolistan har ändrats sedan du såg den. Hämta den, kontrollera och attestera igen.",
            "The roll has changed since you saw it. Get it, check it, and attest again.",
            roll_version=roll["roll_version"],
            content_hash=content.hash,
        )


async def _present_seal(unit: Unit, session_id: UUID) -> AttestOut:
    statement = select(Seal).where(col(Seal.session_id) == session_id).order_by(col(Seal.roll_version).desc()).limit(1)
    seal = await unit.one(statement)
    return AttestOut(
        sealed_hash=seal["sealed_hash"], attested_at=seal["attested_at"], roll_version=seal["roll_version"]
    )


async def _seal(unit: Unit, roll: RowMapping, content: Content, body: AttestIn) -> AttestOut:
    session_id, sealed_hash = roll["session_id"], content.hash
    await unit.execute(insert(Seal), _row(unit, roll, content, sealed_hash, body))
    sealed = update(Roll).where(col(Roll.session_id) == session_id).values(state=ATTESTED, sealed_hash=sealed_hash)
    await unit.execute(sealed)
    unit.emit(_event(unit, roll, content, sealed_hash, body), key=str(session_id))
    return AttestOut(sealed_hash=sealed_hash, attested_at=unit.recorded_at, roll_version=roll["roll_version"])


def _row(unit: Unit, roll: RowMapping, content: Content, sealed_hash: str, body: AttestIn) -> dict[str, Any]:
    return {
        "session_id": roll["session_id"],
        "roll_version": roll["roll_version"],
        "sealed_hash": sealed_hash,
        "content": content.as_json(),
        "attested_at": unit.recorded_at,
        "attested_by": unit.actor,
        "attested_as": unit.role.value if unit.role else "system",
        "on_behalf_of": body.on_behalf_of,
        "reason": body.reason,
    }


def _event(unit: Unit, roll: RowMapping, content: Content, sealed_hash: str, body: AttestIn) -> RollAttested:
    return RollAttested(
        roll_version=roll["roll_version"],
        sealed_hash=sealed_hash,
        attested_by=unit.actor,
        on_behalf_of=_opaque(body.on_behalf_of),
        minutes=tuple(
            AttestedMinutes(
                participant_id=line.participant_id,
                occasion_id=line.occasion_id,
                minutes=line.minutes,
                scheduled_minutes=line.scheduled_minutes,
                excused=line.excused,
            )
            for line in content.lines
        ),
    )


def _opaque(on_behalf_of: str | None) -> str | None:
    """An id may be published; a name stays in attendance (no name is in any topic but `people`)."""
    try:
        return str(UUID(on_behalf_of)) if on_behalf_of else None
    except ValueError:
        return None
