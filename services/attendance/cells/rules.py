"""What a mark is worth, when it is refused, and which of several marks counts. Pure: no framework, no clock.

Marks of one person on one occasion form a *cell*. What a cell says follows from the set of its marks alone, so it does
not depend on the order in which they came, nor on how often.

A mark **supersedes** another of the same cell when

- the same device made both and it is the later one: based on a newer version of the roll or, on the same version,
  marked later by that device's clock; or
- another device made it knowing the other one: its `base_version` is at least the version that recorded the other,
- or the other one was made by the participant with a code: whatever anybody else says goes before it.

The marks that nothing supersedes are the cell's *heads*. Heads that agree in status and minutes are one statement;
heads that do not are a contradiction, which a person decides, and until then the cell counts for nothing. A decision or
a correction is a mark too: it knows everything recorded before it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from services.attendance.occasions.rules import MINUTE, Schedule

PRESENT, PARTIAL, ABSENT = "present", "partial", "absent"


class Kind(StrEnum):
    """How a mark came about: marked on the spot, decided in a conflict, or corrected on a sealed roll."""

    MARK = "mark"
    DECISION = "decision"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Mark:
    """One mark as it was made. `minutes` only when given outright; `version` is the roll version that recorded it.

    `by_code`: the participant checked in. `marked_at`: when, by our clock. `order`: the place among the marks of its
    device (`device_order`).
    """

    mark_id: UUID
    kind: Kind
    device_id: str
    base_version: int
    version: int
    marked_at: datetime
    status: str
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    minutes: int | None = None
    absence_reason: str | None = None
    order: tuple[datetime, datetime] | None = None
    by_code: bool = False

    def minutes_on(self, schedule: Schedule) -> int:
        """Attended minutes, clipped to the schedule (product rule 2: more than was scheduled is the whole occasion).

        Present without minutes or times: all scheduled minutes.
        """
        if self.status == ABSENT:
            return 0
        if self.minutes is not None:
            return min(self.minutes, schedule.scheduled_minutes)
        return schedule.attended_minutes(self.arrived_at, self.left_at)


def supersedes(mark: Mark, other: Mark) -> bool:
    """Whether `mark` was made in the place of `other` (module docstring).

    Free of cycles, whatever a device's clock says.
    """
    if mark.by_code != other.by_code:
        return other.by_code
    if mark.device_id == other.device_id and mark.kind == other.kind == Kind.MARK:
        return _device_order(mark) > _device_order(other)
    return mark.base_version >= other.version


def _device_order(mark: Mark) -> tuple[int, tuple[datetime, datetime]]:
    return mark.base_version, mark.order or (mark.marked_at, mark.marked_at)


def heads(marks: Collection[Mark]) -> list[Mark]:
    """The marks that nothing supersedes, oldest first."""
    standing = [mark for mark in marks if not any(supersedes(other, mark) for other in marks if other is not mark)]
    return sorted(standing, key=lambda mark: (mark.marked_at, mark.mark_id))


def agree(marks: Collection[Mark], schedule: Schedule) -> bool:
    """Whether marks say the same: status, minutes, and no two different reasons for an absence.

    On an occasion that does not take place there is nothing to disagree about.
    """
    if not schedule.takes_place:
        return True
    said = {(mark.status, mark.minutes_on(schedule)) for mark in marks}
    reasons = {mark.absence_reason for mark in marks if mark.status == ABSENT and mark.absence_reason}
    return len(said) <= 1 and len(reasons) <= 1


def spokesman(agreeing: Iterable[Mark]) -> Mark | None:
    """The one of agreeing heads that the roll shows: one with a reason before one without, then the oldest."""
    return min(agreeing, key=lambda mark: (mark.absence_reason is None, mark.marked_at, mark.mark_id), default=None)


class Refusal(StrEnum):
    """Why a mark is refused: the name of the problem that the device gets and that is stored with the mark."""

    MALFORMED = "malformed-mark"
    VERSION_AHEAD = "unknown-roll-version"
    TRAINER_REPLACED = "trainer-replaced"
    SESSION_CANCELLED = "session-cancelled"
    UNKNOWN_OCCASION = "unknown-occasion"
    MARK_ID_REUSED = "mark-id-reused"
    MINUTES_OUT_OF_RANGE = "minutes-out-of-range"
    MINUTES_OF_ABSENT = "minutes-of-absent"
    LEFT_BEFORE_ARRIVED = "left-before-arrived"
    OCCASION_NOT_BEGUN = "occasion-not-begun"


def refusal_of(mark: Mark, *, day_begins: datetime) -> Refusal | None:
    """Why this mark cannot be right, None when it can. Its `version` is the one that would record it.

    `day_begins`: the first instant of the occasion's local day. An absence can be known before it, presence cannot.
    """
    if mark.base_version >= mark.version:
        return Refusal.VERSION_AHEAD
    if mark.status == ABSENT:
        attended = mark.minutes or mark.arrived_at or mark.left_at
        return Refusal.MINUTES_OF_ABSENT if attended else None
    if mark.minutes is not None and mark.minutes < 0:
        return Refusal.MINUTES_OUT_OF_RANGE
    if mark.arrived_at and mark.left_at and mark.left_at < mark.arrived_at:
        return Refusal.LEFT_BEFORE_ARRIVED
    if mark.marked_at < day_begins:
        return Refusal.OCCASION_NOT_BEGUN
    return None


@lru_cache(maxsize=64)  # asked twice of each mark of a call
def clock_error(*, device_time: datetime, received_at: datetime) -> timedelta:
    """By how much a device's clock is slow, to the minute: what is less is the time that sending took."""
    return round((received_at - device_time) / MINUTE) * MINUTE


def made_at(device_marked_at: datetime, *, device_time: datetime, received_at: datetime) -> datetime:
    """When a mark was made, by our clock. Nothing is made after it was received."""
    error = clock_error(device_time=device_time, received_at=received_at)
    return min(received_at, device_marked_at + error)


def device_order(
    device_marked_at: datetime, *, device_time: datetime, received_at: datetime
) -> tuple[datetime, datetime]:
    """The place of a mark among those of its device: by its own clock, so that no delay turns two marks around.

    A mark that lies ahead of that clock was made when it was sent at the latest; of two such the clock decides still.
    """
    error = clock_error(device_time=device_time, received_at=received_at)
    return min(device_marked_at, device_time) + error, device_marked_at


def is_excused(status: str | None, absence_reason: str | None, *, illness_neutral: bool) -> bool:
    """Whether the project does not hold this absence against anybody."""
    return status == ABSENT and absence_reason == "illness" and illness_neutral


def extent(minutes: int, scheduled_minutes: int) -> str:
    """What minutes make of a person: present, partial or absent."""
    if minutes == 0:
        return ABSENT
    return PRESENT if minutes >= scheduled_minutes else PARTIAL
