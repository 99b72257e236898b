"""Marks and sealed rolls. Key: session id. Marks in conflict, held or refused are never published."""

from functools import partial
from typing import Literal
from uuid import UUID

from shared.contracts.registry import EventData, Part, event
from shared.contracts.topics import ATTENDANCE
from shared.contracts.types import Count, Minutes, Utc

MarkStatus = Literal["present", "partial", "absent"]
MarkSource = Literal["trainer", "coordinator", "qr"]
CorrectionReason = Literal["entry-error", "late-arrival", "left-early", "wrong-person", "other"]
ReopeningReason = Literal["entry-error", "late-arrival", "left-early", "wrong-person", "other", "schedule-changed"]

_mark = partial(event, topic=ATTENDANCE, about="mark/{key}/{participant_id}/{occasion_id}", projection="mark")


class MarkEvent(EventData):
    """What every mark says."""

    mark_id: UUID
    participant_id: UUID
    occasion_id: UUID
    minutes: Minutes
    scheduled_minutes: Minutes
    status: MarkStatus
    source: MarkSource
    marked_at: Utc
    received_at: Utc
    roll_version: Count


@_mark("attendance.attendance-recorded.v1")
class AttendanceRecorded(MarkEvent):
    """One person's minutes on one occasion: `marked_at` by the device's clock, `received_at` by ours."""


@_mark("attendance.attendance-corrected.v1")
class AttendanceCorrected(MarkEvent):
    """New minutes in the place of mark `replaces` (absent when nobody had marked the person)."""

    reason_code: CorrectionReason
    replaces: UUID | None = None


@event(
    "attendance.head-count-recorded.v1",
    topic=ATTENDANCE,
    about="head-count/{key}/{occasion_id}",
    projection="head-count",
)
class HeadCountRecorded(EventData):
    """People counted without names; the last per occasion counts, and it never becomes hours."""

    head_count_id: UUID
    occasion_id: UUID
    count: Count
    approximate: Literal[True] = True


class AttestedMinutes(Part):
    """One line of a sealed roll. Confirmed on the roll, 0 minutes, not excused: a no-show."""

    participant_id: UUID
    occasion_id: UUID
    minutes: Minutes
    scheduled_minutes: Minutes
    excused: bool


@event("attendance.roll-attested.v1", topic=ATTENDANCE, about="roll/{key}", projection="roll")
class RollAttested(EventData):
    """The whole sealed roll: the only source of attested minutes."""

    roll_version: Count
    sealed_hash: str
    attested_by: str
    on_behalf_of: str | None = None
    minutes: tuple[AttestedMinutes, ...]


@event("attendance.roll-reopened.v1", topic=ATTENDANCE, minor=1, about="roll/{key}", projection="roll")
class RollReopened(EventData):
    """Until it is attested again the session has no attested minutes.

    1.1: `schedule-changed`, when booking moved or cancelled what was sealed. A reader of 1.0 keeps such an event as a
    dead letter and applies it by replay once it is updated.
    """

    reason_code: ReopeningReason
