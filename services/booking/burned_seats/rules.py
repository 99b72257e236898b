"""Which seats of a session were burned, and whether that is held against the municipality."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Burned(StrEnum):
    """`neutral`: illness while the project says so, or excused by the roll."""

    LATE = "late"
    NO_SHOW = "no_show"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Had:
    """A seat that somebody had. `left_late`: cancelled, or moved away from, after the deadline.

    `came`: the attested roll has minutes of the person; `absent`: what it says of one who still has the seat.
    """

    participant_id: UUID
    municipality: str
    since: datetime
    until: datetime | None = None
    left_late: bool = False
    neutral: bool = False
    came: bool = False
    absent: Burned | None = None

    def at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


def burned(capacity: int, starts_at: datetime, had: Sequence[Had]) -> Iterator[tuple[str, Burned]]:
    """The burned seats of a session, each with its municipality.

    Of the seats that were left late as many are burned as stayed empty at the start: what was left first was filled
    first. Who had a seat again, or came all the same, burned none. Before the start it is what would be burned now.
    """
    seated = [each for each in had if each.at(starts_at)]
    there = {each.participant_id for each in seated}
    left = [each for each in had if each.left_late and not each.came and each.until is not None]
    before = sorted(
        (each for each in left if not each.at(starts_at) and each.participant_id not in there), key=_left_at
    )
    filled = max(0, len(before) - max(0, capacity - len(seated)))
    for each in [*before[filled:], *(each for each in left if each.at(starts_at))]:
        yield each.municipality, Burned.NEUTRAL if each.neutral else Burned.LATE
    for each in had:
        if each.absent is not None:
            yield each.municipality, each.absent


def _left_at(had: Had) -> tuple[datetime, UUID]:
    assert had.until is not None
    return had.until, had.participant_id
