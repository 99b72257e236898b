"""What is news to somebody who was told before, and when to remind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True)
class Meeting:
    """An occasion as somebody is told of it: when and where."""

    occasion_id: UUID
    starts_at: datetime
    ends_at: datetime
    venue: str


@dataclass(frozen=True)
class News:
    """What calendars must take in: new or changed meetings, and those that are no more."""

    requests: Sequence[Meeting]
    cancels: Sequence[Meeting]

    def __bool__(self) -> bool:
        return bool(self.requests or self.cancels)


def news(told: Mapping[UUID, Meeting], meetings: Sequence[Meeting]) -> News:
    """The difference between what somebody was told and what holds now."""
    present = {meeting.occasion_id for meeting in meetings}
    return News(
        [meeting for meeting in meetings if told.get(meeting.occasion_id) != meeting],
        sorted((old for id_, old in told.items() if id_ not in present), key=lambda old: old.starts_at),
    )


def reminder_due(hours: Sequence[int], starts_at: datetime, confirmed_at: datetime, now: datetime) -> int | None:
    """Which of the reminders before a start is due: of several that were missed the last one, and none whose time lay
    before the seat was given, because the invitation had just said the same.
    """
    if now >= starts_at:
        return None
    passed = [before for before in hours if starts_at - timedelta(hours=before) <= now]
    due = min(passed, default=None)
    return due if due is not None and confirmed_at < starts_at - timedelta(hours=due) else None
