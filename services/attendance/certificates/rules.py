"""What a certificate states, and whether that still holds. Pure: no framework, no clock."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.attendance.signatures.rules import Item


def statement_of(participant_id: UUID, items: Iterable[Item]) -> dict[str, Any]:
    """Who attended what for how long, without a name: it stands for good, whatever becomes of the name."""
    lines = sorted(items, key=lambda item: (item.starts_at, item.occasion_id))
    return {
        "participant_id": str(participant_id),
        "session_id": str(lines[0].session_id),
        "course_title": lines[0].course_title,
        "occasions": [
            {"occasion_id": str(item.occasion_id), "day": item.day.isoformat(), "minutes": item.minutes}
            for item in lines
        ],
    }


def hash_of(statement: Mapping[str, Any]) -> str:
    """SHA-256 of the statement as canonical JSON (sorted keys, no spaces)."""
    return hashlib.sha256(json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def still_holds(statement: Mapping[str, Any], attended: Mapping[UUID, int]) -> bool:
    """Whether the minutes by occasion that were sealed last are those of the statement."""
    return {UUID(one["occasion_id"]): one["minutes"] for one in statement["occasions"]} == dict(attended)
