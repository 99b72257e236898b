"""Reading and verifying seals."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, RowMapping, literal, select
from sqlmodel import col

from services.attendance.attestation.tables import Seal
from services.attendance.occasions.rules import Schedule
from services.attendance.rolls.rules import Line, canonical
from shared.database.unit_of_work import Unit


async def seals_of(
    unit: Unit, session_id: UUID, *, after: int | None = None, limit: int | None = None
) -> Sequence[RowMapping]:
    """Every sealed version of a roll, oldest first."""
    statement = select(Seal).where(col(Seal.session_id) == session_id).order_by(col(Seal.roll_version)).limit(limit)
    if after is not None:
        statement = statement.where(col(Seal.roll_version) > literal(after, BigInteger))
    return await unit.all(statement)


def sealed_bytes(seal: RowMapping) -> bytes:
    """What was sealed, byte for byte: its SHA-256 is the seal's hash."""
    content: dict[str, Any] = seal["content"]
    schedules = [
        Schedule(
            UUID(occasion["occasion_id"]),
            datetime.fromisoformat(occasion["starts_at"]),
            datetime.fromisoformat(occasion["ends_at"]),
            occasion["break_minutes"],
            occasion["breaks_counted"],
        )
        for occasion in content["occasions"]
    ]
    lines = [
        Line(
            UUID(line["participant_id"]),
            UUID(line["occasion_id"]),
            line["status"],
            line["minutes"],
            line["scheduled_minutes"],
            line["excused"],
        )
        for line in content["lines"]
    ]
    return canonical(seal["session_id"], schedules, lines)


def recomputed_hash(seal: RowMapping) -> str:
    """The hash of the content that a seal keeps, recomputed."""
    return hashlib.sha256(sealed_bytes(seal)).hexdigest()
