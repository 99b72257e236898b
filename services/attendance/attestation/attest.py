"""Attesting: the trainer certifies the roll, and it is sealed."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, text, update
from sqlmodel import col

from services.attendance.attestation.bodies import AttestBody, AttestedShown
from services.attendance.attestation.tables import Seal
from services.attendance.rolls.content import Content, content_of
from services.attendance.rolls.lock import ATTESTED, lock_roll
from services.attendance.rolls.problems import cancelled
from services.attendance.rolls.tables import Roll
from services.attendance.signatures.ask import ask_for_signatures
from services.attendance.signatures.void import void_changed
from shared.contracts.attendance_v1 import AttestedMinutes, RollAttested
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.problems import FieldError, conflict, invalid

WAITING = text(
    "SELECT (SELECT count(*) FROM conflicts WHERE session_id = :session_id AND resolved_at IS NULL) AS conflicts, "
    "(SELECT count(*) FROM current_marks WHERE session_id = :session_id AND standing = 'held') AS held"
)

NOT_A_TRAINER = FieldError(
    "/on_behalf_of",
    "not-a-trainer-of-the-session",
    "Ange en av kurstillfällets utbildningsledare. Har det ingen, lägg till en i bokningen.",
    "Give one of the trainers of this session. If it has none, add one in booking.",
)
NO_REASON = FieldError(
    "/reason",
    "reason-missing",
    "Ange varför listan attesteras av någon annan, eller utan markeringar som väntar.",
    "Say why somebody else attests the roll, or why it is attested without marks that wait.",
)


async def attest(unit: Unit, session_id: UUID, body: AttestBody) -> AttestedShown:
    """Seals the roll and publishes all its minutes. Attesting a sealed roll that has not changed returns its seal.

    Raises 409 when something waits for a decision, or when the roll is not what the caller saw; 422 when it is not said
    for whom and why somebody else than the trainer attests.
    """
    roll = await lock_roll(unit, session_id)
    _require_words(unit, roll, body)
    async with unit.as_system():
        await _require_ready(unit, roll, body)
        content = await content_of(unit, session_id)
        _require_seen(roll, content, body)
        if roll["state"] == ATTESTED and roll["sealed_hash"] == content.hash:
            return await _present_seal(unit, session_id)
        return await _seal(unit, roll, content, body)


def _require_words(unit: Unit, roll: RowMapping, body: AttestBody) -> None:
    wrong = []
    if not _certifier_is_right(unit, roll, body.on_behalf_of):
        wrong.append(NOT_A_TRAINER)
    if body.reason is None and (body.leave_held or unit.role is not Role.TRAINER):
        wrong.append(NO_REASON)
    if wrong:
        raise invalid(*wrong)


def _certifier_is_right(unit: Unit, roll: RowMapping, on_behalf_of: UUID | None) -> bool:
    if unit.role is Role.TRAINER:
        return on_behalf_of is None or (unit.caller is not None and on_behalf_of == unit.caller.trainer_id)
    return str(on_behalf_of) in roll["trainers"]


async def _require_ready(unit: Unit, roll: RowMapping, body: AttestBody) -> None:
    if roll["cancelled"]:
        raise cancelled()
    if unit.recorded_at < roll["ends_at"]:
        raise conflict(
            "session-not-over",
            "Kurstillfället är inte slut. Attestera när det sista datumtillfället är över.",
            "The session is not over. Attest when its last occasion has ended.",
        )
    waiting = await unit.one(WAITING, {"session_id": roll["session_id"]})
    if waiting["conflicts"]:
        raise conflict(
            "unresolved-conflicts",
            f"{waiting['conflicts']} motsägelser på listan är inte avgjorda. Avgör dem först.",
            f"{waiting['conflicts']} contradictions on this roll are undecided. Decide them first.",
            conflicts=waiting["conflicts"],
        )
    if waiting["held"] and not body.leave_held:
        raise conflict(
            "held-marks",
            f"{waiting['held']} markeringar väntar på en anmälan. Vänta, ge upp dem, eller attestera utan dem och "
            "skriv varför.",
            f"{waiting['held']} marks wait for a registration. Wait, discard them, or attest without them and say why.",
            held=waiting["held"],
        )


def _require_seen(roll: RowMapping, content: Content, body: AttestBody) -> None:
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


async def _present_seal(unit: Unit, session_id: UUID) -> AttestedShown:
    statement = select(Seal).where(col(Seal.session_id) == session_id).order_by(col(Seal.roll_version).desc()).limit(1)
    seal = await unit.one(statement)
    return AttestedShown(
        sealed_hash=seal["sealed_hash"], attested_at=seal["attested_at"], roll_version=seal["roll_version"]
    )


async def _seal(unit: Unit, roll: RowMapping, content: Content, body: AttestBody) -> AttestedShown:
    session_id, sealed_hash = roll["session_id"], content.hash
    await unit.execute(insert(Seal), _row(unit, roll, content, sealed_hash, body))
    sealed = update(Roll).where(col(Roll.session_id) == session_id).values(state=ATTESTED, sealed_hash=sealed_hash)
    await unit.execute(sealed)
    unit.emit(_event(unit, roll, content, sealed_hash, body), key=str(session_id))
    await void_changed(unit, [session_id], "roll-changed")
    starts = [occasion.schedule.starts_at for occasion in content.occasions]
    await ask_for_signatures(unit, session_id, starts, roll["ends_at"])
    return AttestedShown(sealed_hash=sealed_hash, attested_at=unit.recorded_at, roll_version=roll["roll_version"])


def _row(unit: Unit, roll: RowMapping, content: Content, sealed_hash: str, body: AttestBody) -> dict[str, Any]:
    return {
        "session_id": roll["session_id"],
        "roll_version": roll["roll_version"],
        "sealed_hash": sealed_hash,
        "content": content.as_json(),
        "attested_at": unit.recorded_at,
        "attested_by": unit.actor,
        "attested_as": unit.role.value if unit.role else "system",
        "on_behalf_of": _certified_for(body),
        "reason": body.reason,
    }


def _event(unit: Unit, roll: RowMapping, content: Content, sealed_hash: str, body: AttestBody) -> RollAttested:
    return RollAttested(
        roll_version=roll["roll_version"],
        sealed_hash=sealed_hash,
        attested_by=unit.actor,
        on_behalf_of=_certified_for(body),
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


def _certified_for(body: AttestBody) -> str | None:
    return str(body.on_behalf_of) if body.on_behalf_of else None
