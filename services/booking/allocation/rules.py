"""What time makes of a session: its periods, its state, its shares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """`completed` is derived from the last occasion; only the other two are stored."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


@dataclass(frozen=True)
class Period:
    """From `starts_at` up to, not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Period") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def first_start(periods: Iterable[Period]) -> datetime:
    return min(period.starts_at for period in periods)


def last_end(periods: Iterable[Period]) -> datetime:
    return max(period.ends_at for period in periods)


def state_at(stored: str, ends_at: datetime, at: datetime) -> State:
    """The state that a reader sees at a moment."""
    if stored == State.CANCELLED:
        return State.CANCELLED
    return State.COMPLETED if ends_at <= at else State.SCHEDULED


def shares_end(release_at: datetime | None, starts_at: datetime) -> datetime:
    """When guaranteed seats fall to the common pool: at their release, at the latest when the session starts."""
    return starts_at if release_at is None else min(release_at, starts_at)


def unreleased_shares(shares: Mapping[str, int], end: datetime, at: datetime) -> Mapping[str, int]:
    """The guaranteed seats that hold at a moment.

    Decided by the time of the act and not by whether the release was noted: an act that is entered afterwards sees the
    shares as they were then.
    """
    return shares if at < end else {}
