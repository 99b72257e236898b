"""What a session must be like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.booking.allocation.rules import Period, first_start


class Cause(StrEnum):
    """Why a session was cancelled."""

    TRAINER_ABSENT = "trainer-absent"
    TOO_FEW = "too-few"
    VENUE = "venue"
    BLACKOUT = "blackout"
    OTHER = "other"


@dataclass(frozen=True)
class Fault:
    """A field that cannot stand: JSON pointer of it and the code of what is wrong."""

    pointer: str
    code: str


@dataclass(frozen=True)
class PlannedOccasion:
    """One datumtillfälle as asked for."""

    period: Period
    break_minutes: int


@dataclass(frozen=True)
class Plan:
    """The figures of a session that must agree with each other."""

    occasions: Sequence[PlannedOccasion]
    capacity: int
    min_participants: int | None
    seat_shares: Mapping[str, int]
    cancellation_deadline: datetime | None


def faults(plan: Plan) -> list[Fault]:
    """Everything that is wrong with a plan; an empty list when it can be scheduled."""
    return [*_occasion_faults(plan.occasions), *_seat_faults(plan), *_deadline_faults(plan)]


def _occasion_faults(occasions: Sequence[PlannedOccasion]) -> Iterator[Fault]:
    if not occasions:
        yield Fault("/occasions", "no-occasion")
    for index, occasion in enumerate(occasions):
        length = occasion.period.ends_at - occasion.period.starts_at
        if length <= timedelta(0):
            yield Fault(f"/occasions/{index}/ends_at", "ends-before-start")
        elif timedelta(minutes=occasion.break_minutes) >= length:
            yield Fault(f"/occasions/{index}/break_minutes", "break-too-long")
        if any(occasion.period.overlaps(earlier.period) for earlier in occasions[:index]):
            yield Fault(f"/occasions/{index}", "occasions-overlap")


def _seat_faults(plan: Plan) -> Iterator[Fault]:
    if plan.min_participants is not None and plan.min_participants > plan.capacity:
        yield Fault("/min_participants", "more-than-capacity")
    if sum(plan.seat_shares.values()) > plan.capacity:
        yield Fault("/seat_shares", "more-than-capacity")


def _deadline_faults(plan: Plan) -> Iterator[Fault]:
    start = first_start(occasion.period for occasion in plan.occasions) if plan.occasions else None
    if start is not None and plan.cancellation_deadline is not None and plan.cancellation_deadline > start:
        yield Fault("/cancellation_deadline", "after-start")
