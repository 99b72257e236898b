"""Who of the waiting list gets a seat that is free, and why the others do not. Pure.

One pass over the queue is enough, and a second one promotes nobody: seats only become fewer on the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.booking.allocation.seats import SeatRequest, Seats, decide


class QueueOrder(StrEnum):
    """Dated setting of the project: may a later entry pass one that is too big for what is free?"""

    STRICT = "strict"
    SKIP_IF_TOO_BIG = "skip_if_too_big"


class Why(StrEnum):
    """Reasons of a decision; a member's own obstacle (`overlapping-registration`, …) is one more."""

    SEAT_FREE = "seat-free"
    SESSION_FULL = "session-full"
    TOO_FEW_SEATS = "too-few-seats"
    BEHIND_OTHERS = "behind-others"
    GUARANTEED_TO_OTHERS = "guaranteed-to-others"
    PROMOTION_STOPPED = "promotion-stopped"
    SESSION_STARTED = "session-started"
    LARGER_THAN_SESSION = "larger-than-session"


class Fate(StrEnum):
    """`waiting` keeps its turn; `skipped` is passed over and keeps its place."""

    PROMOTED = "promoted"
    SKIPPED = "skipped"
    WAITING = "waiting"


@dataclass(frozen=True)
class Member:
    """A waiting person; `obstacle` says why that person may not have a seat any more, `about` which course or day."""

    registration_id: UUID
    municipality: str
    obstacle: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Entry:
    """One place in the queue: a person alone, or a group of whom at least `minimum` must get seats at once.

    A group `all` has `whole=True`: it is promoted complete or not at all. It shrinks when a member leaves the queue.
    """

    id: UUID
    members: Sequence[Member]
    minimum: int = 1
    whole: bool = False

    @property
    def needed(self) -> int:
        return len(self.members) if self.whole else min(self.minimum, len(self.members))

    @property
    def ready(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.obstacle is None)


@dataclass(frozen=True)
class Verdict:
    """What the pass decided about an entry: its fate, why, and who of it gets a seat.

    `available`: how many of its members could have been seated at its turn.
    """

    entry: Entry
    fate: Fate
    why: str
    available: int
    promoted: tuple[Member, ...] = ()
    about: str | None = None

    @property
    def left_waiting(self) -> frozenset[str]:
        """Municipalities of those who could take a seat and have none yet: nobody else holds others back."""
        return frozenset(member.municipality for member in self.entry.ready if member not in self.promoted)


@dataclass(frozen=True)
class Plan:
    """The verdicts in queue order, and the seats as one sees them who comes after the whole queue."""

    verdicts: tuple[Verdict, ...]
    seats: Seats


def closed(queue: Sequence[Entry], seats: Seats, why: Why) -> Plan:
    """The plan of a queue that gives nothing by itself any more. By hand every entry that fits may still get seats, so
    a newcomer may have only those that no entry could use.
    """
    left = examine(queue, seats, QueueOrder.SKIP_IF_TOO_BIG).seats
    return Plan(tuple(Verdict(entry, Fate.WAITING, why, 0) for entry in queue), left)


def examine(queue: Sequence[Entry], seats: Seats, order: QueueOrder) -> Plan:
    """Go through the queue once, from its head, and give what is free."""
    verdicts: list[Verdict] = []
    for entry in queue:
        verdict, seats = serve(entry, seats, order)
        verdicts.append(verdict)
    return Plan(tuple(verdicts), seats)


def serve(entry: Entry, seats: Seats, order: QueueOrder) -> tuple[Verdict, Seats]:
    """What an entry gets when its turn comes, and the seats as they are for whoever stands behind it."""
    verdict = judge(entry, seats, order)
    for member in verdict.promoted:
        seats = seats.give(member.municipality, 1)
    if order is QueueOrder.STRICT and _still_waits(verdict):
        seats = seats.behind(verdict.left_waiting)
    return verdict, seats


def judge(entry: Entry, seats: Seats, order: QueueOrder) -> Verdict:
    """What an entry gets of the seats, as they are when its turn comes."""
    ready = entry.ready
    decision = decide(SeatRequest(seats, [member.municipality for member in ready], entry.needed))
    available = decision.available
    if (kept := _kept_back(entry)) is not None and kept.obstacle is not None:
        return Verdict(entry, Fate.SKIPPED, kept.obstacle, available, about=kept.about)
    if entry.needed > seats.capacity:
        return Verdict(entry, Fate.SKIPPED, Why.LARGER_THAN_SESSION, available)
    if decision.seated:
        promoted = tuple(member for member, seat in zip(ready, decision.granted, strict=True) if seat)
        return Verdict(entry, Fate.PROMOTED, Why.SEAT_FREE, available, promoted)
    if available and order is QueueOrder.SKIP_IF_TOO_BIG:
        return Verdict(entry, Fate.SKIPPED, Why.TOO_FEW_SEATS, available)
    return Verdict(entry, Fate.WAITING, _why_waiting(seats, entry, available), available)


def _kept_back(entry: Entry) -> Member | None:
    """The first member with an obstacle, when without those members the entry is of no use."""
    if len(entry.ready) >= entry.needed:
        return None
    return next((member for member in entry.members if member.obstacle is not None), None)


def _why_waiting(seats: Seats, entry: Entry, available: int) -> Why:
    if available:
        return Why.TOO_FEW_SEATS
    if not seats.free:
        return Why.SESSION_FULL
    closed_to_it = seats.pool_left or any(seats.guaranteed_left(member.municipality) for member in entry.ready)
    return Why.BEHIND_OTHERS if closed_to_it else Why.GUARANTEED_TO_OTHERS


def _still_waits(verdict: Verdict) -> bool:
    """Someone of the entry who could take a seat has none: those behind must not pass."""
    promoted_in_part = 0 < len(verdict.promoted) < len(verdict.entry.ready)
    return verdict.fate is Fate.WAITING or promoted_in_part


def promotions(plan: Plan) -> Iterator[tuple[Entry, Member]]:
    """Everyone who gets a seat, in the order of the queue."""
    for verdict in plan.verdicts:
        for member in verdict.promoted:
            yield verdict.entry, member
