"""What the calls about facts return."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel


class UnmatchedShown(BaseModel):
    """Attested minutes that are not counted, or not credited to an employer, and why."""

    reason: str
    session_id: str
    participant_id: str
    occasion_id: str
    day: date | None
    minutes: int
