"""What a cancellation means."""

from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a registration was cancelled. It stays in booking: it may be illness."""

    ILLNESS = "illness"
    WORK = "work"
    CHANGED_JOB = "changed-job"
    OTHER = "other"


def is_neutral(reason: Reason, illness_neutral: bool) -> bool:
    """A neutral cancellation is held against nobody: a changed job, and illness while the project says so."""
    return reason is Reason.CHANGED_JOB or (illness_neutral and reason is Reason.ILLNESS)


def is_late(cancelled_at: datetime, deadline: datetime) -> bool:
    """A late cancellation (sen avbokning) comes after the session's deadline."""
    return cancelled_at > deadline
