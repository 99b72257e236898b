"""Who may stand in for an absent trainer, in which order, and what becomes of a session. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Fate(StrEnum):
    """What becomes of a session whose trainer is absent."""

    REPLACED = "replaced"
    CANCELLED = "cancelled"
    NEEDS_DECISION = "needs-decision"


@dataclass(frozen=True)
class Colleague:
    """Another trainer as one session sees it. `assignments`: sessions around that day; `sort_name` orders names."""

    trainer_id: UUID
    home_municipality: str
    qualified: bool
    active: bool
    absent: bool
    busy: bool
    assignments: int
    sort_name: tuple[str, str] = ("", "")

    @property
    def can_teach(self) -> bool:
        return self.qualified and self.active and not self.absent and not self.busy


def ranked(colleagues: Iterable[Colleague], host: str) -> list[Colleague]:
    """Those who can teach it: whose home is the host first, then who teaches least around that day, then by name."""

    def order(each: Colleague) -> tuple[bool, int, tuple[str, str], UUID]:
        return each.home_municipality != host, each.assignments, each.sort_name, each.trainer_id

    return sorted((each for each in colleagues if each.can_teach), key=order)


def fate(candidates: Sequence[Colleague], *, others_teach: bool, has_begun: bool) -> Fate:
    """Somebody takes over; without candidates a session that others teach too, or that has begun, is decided about by
    a person; any other is cancelled.
    """
    if candidates:
        return Fate.REPLACED
    return Fate.NEEDS_DECISION if others_teach or has_begun else Fate.CANCELLED
