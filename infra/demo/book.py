"""The demo's own book-keeping: what must be true after everything that was sent, by the rules of the product.

Written from the contract alone, in another way than the services: it follows one session at a time in plain lists.
Every answer that differs from the book is a finding; the figures made from the book are compared with reporting's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from infra.demo.plan import (
    Cancelling,
    Correcting,
    Mark,
    Moving,
    PlannedSession,
    Registering,
    Reserving,
    Substituting,
    Year,
)
from infra.demo.workdays import Occasion


@dataclass(frozen=True)
class Difference:
    """What the book expects and what a service said."""

    where: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}"


@dataclass
class Waiting:
    """People who wait together: `least` of them must get seats at once, all of them when `whole`."""

    staff: list[str]
    least: int
    whole: bool

    @property
    def needed(self) -> int:
        return len(self.staff) if self.whole else min(self.least, len(self.staff))


@dataclass(frozen=True)
class Dropout:
    """A registration that was cancelled."""

    staff: str
    was: str
    late: bool
    neutral: bool


@dataclass(frozen=True)
class Hours:
    """Attested minutes of one person on one occasion."""

    session: SessionBook
    staff: str
    index: int
    minutes: int

    @property
    def day(self) -> date:
        return self.session.plan.occasions[self.index].day


@dataclass
class SessionBook:
    """One session as it stands in the book."""

    plan: PlannedSession
    session_id: UUID
    occasion_ids: tuple[UUID, ...]
    confirmed: list[str] = field(default_factory=list)
    queue: list[Waiting] = field(default_factory=list)
    dropouts: list[Dropout] = field(default_factory=list)
    promoted: list[str] = field(default_factory=list)
    walked_in: list[str] = field(default_factory=list)
    # Seats that a municipality holds without a name.
    held_back: int = 0
    called_off: bool = False
    # Minutes of each person on each occasion, by the marks in force, and by the sealed roll.
    marked: dict[tuple[str, int], int] = field(default_factory=dict)
    sealed: dict[tuple[str, int], int] = field(default_factory=dict)
    # What the person has certified of it.
    signed: dict[tuple[str, int], int] = field(default_factory=dict)
    excused: set[tuple[str, int]] = field(default_factory=set)
    attested: bool = False
    answers: int = 0
    invited: int = 0

    @property
    def free(self) -> int:
        return max(0, self.plan.capacity - len(self.confirmed) - self.held_back)

    @property
    def waiting(self) -> list[str]:
        return [staff for entry in self.queue for staff in entry.staff]

    def register(self, call: Registering) -> dict[str, str] | None:
        """The outcome of each person, or None when the whole call is refused as `session-full`."""
        least = {"all": len(call.staff), "any": 1}.get(call.policy, call.at_least or 1)
        seats = self.free if self.free >= least else 0
        if not seats and not call.waitlist:
            return None
        with_seat, without = list(call.staff[:seats]), list(call.staff[seats:])
        self.confirmed += with_seat
        if call.waitlist:
            self._wait(call, without, together=not with_seat and call.policy != "any", least=least)
        rest = "waitlisted" if call.waitlist else "rejected"
        return {**dict.fromkeys(with_seat, "confirmed"), **dict.fromkeys(without, rest)}

    def _wait(self, call: Registering, staff: list[str], *, together: bool, least: int) -> None:
        if together and staff:
            self.queue.append(Waiting(staff, least, whole=call.policy == "all"))
        else:
            self.queue += [Waiting([one], 1, whole=False) for one in staff]

    def cancel(self, call: Cancelling) -> Dropout | None:
        """Somebody leaves; whoever waits moves up. None when that person had no registration."""
        if call.staff in self.confirmed:
            self.confirmed.remove(call.staff)
            was = "confirmed"
        elif call.staff in self.waiting:
            self._leave_queue(call.staff)
            was = "waitlisted"
        else:
            return None
        late = was == "confirmed" and call.at > self.plan.cancellation_deadline
        # Held against nobody: a changed job, and illness (the project's setting illness_neutral).
        dropout = Dropout(call.staff, was, late, neutral=call.reason in ("illness", "changed-job"))
        self.dropouts.append(dropout)
        self._promote()
        return dropout

    def substitute(self, call: Substituting) -> bool:
        """Another person has the seat from now on. False when there was none."""
        if call.staff not in self.confirmed:
            return False
        self.confirmed[self.confirmed.index(call.staff)] = call.by
        return True

    def move(self, call: Moving, target: SessionBook) -> bool:
        """Somebody changes to a seat that is free elsewhere; the one left is late unless who waits gets it at once."""
        if call.staff not in self.confirmed or not target.free or target.queue:
            return False
        self.confirmed.remove(call.staff)
        promoted = len(self.promoted)
        self._promote()
        late = call.at > self.plan.cancellation_deadline and len(self.promoted) == promoted
        self.dropouts.append(Dropout(call.staff, "confirmed", late, neutral=False))
        target.confirmed.append(call.staff)
        return True

    def reserve(self, call: Reserving) -> None:
        """Seats are held; who is named has one of them."""
        self.held_back += call.seats - len(call.named)
        self.confirmed += call.named

    def walk_in(self, staff: str) -> None:
        """Who is there is taken, also beyond capacity."""
        self.confirmed.append(staff)
        self.walked_in.append(staff)

    def _leave_queue(self, staff: str) -> None:
        for entry in self.queue:
            if staff in entry.staff:
                entry.staff.remove(staff)
        self.queue = [entry for entry in self.queue if entry.staff]

    def _promote(self) -> None:
        """From the head of the queue; an entry too big for what is free is skipped (setting queue_order)."""
        for entry in self.queue:
            if self.free >= max(1, entry.needed):
                moved, entry.staff = entry.staff[: self.free], entry.staff[self.free :]
                entry.least = 1  # the group has got its minimum: the rest waits singly
                self.confirmed += moved
                self.promoted += moved
        self.queue = [entry for entry in self.queue if entry.staff]

    def mark(self, staff: str, index: int, mark: Mark) -> None:
        """The mark in force of one person on one occasion."""
        disputed = staff in self.plan.contested and not self.plan.decided
        self.marked[staff, index] = 0 if disputed else minutes_of(mark, self.plan.occasions[index])
        if mark.reason == "illness":
            self.excused.add((staff, index))
        else:
            self.excused.discard((staff, index))

    def correct(self, correcting: Correcting) -> None:
        """A correction reopens the roll: until it is attested again the session has no attested minutes."""
        self.marked[correcting.staff, correcting.occasion] = correcting.minutes
        self.sealed = {}
        self.attested = False

    def attest(self) -> None:
        self.sealed = {key: minutes for key, minutes in self.marked.items() if key[0] in self.confirmed}
        self.attested = True

    def answer(self, count: int, invited: int) -> None:
        self.answers += count
        self.invited += invited

    @property
    def held(self) -> bool:
        """Attested with minutes."""
        return self.attested and any(self.sealed.values())

    def minutes_of(self, staff: str) -> int:
        """A person's attested minutes."""
        return sum(minutes for (who, _), minutes in self.sealed.items() if who == staff)

    def hours(self, staff: str) -> list[Hours]:
        return [
            Hours(self, who, index, minutes)
            for (who, index), minutes in self.sealed.items()
            if who == staff and minutes > 0
        ]

    def signed_of(self, staff: str) -> int:
        """A person's minutes that are attested and signed."""
        return sum(one.minutes for one in self.hours(staff) if self.signed.get((staff, one.index)) == one.minutes)

    def is_signed(self, staff: str) -> bool:
        return self.signed_of(staff) == self.minutes_of(staff)

    @property
    def present(self) -> list[str]:
        """People with attested minutes."""
        return [staff for staff in self.confirmed if self.minutes_of(staff) > 0]

    @property
    def no_shows(self) -> list[str]:
        """Confirmed, no attested minutes, not excused."""
        occasions = range(len(self.plan.occasions))
        return [
            staff
            for staff in self.confirmed
            if self.minutes_of(staff) == 0 and not all((staff, index) in self.excused for index in occasions)
        ]


def minutes_of(mark: Mark, occasion: Occasion) -> int:
    """Attended minutes: as said, or from the times within the occasion, never more than it is scheduled for."""
    if not mark.present:
        return 0
    if mark.minutes is not None:
        return min(mark.minutes, occasion.minutes)
    start = max(mark.arrived_at or occasion.starts_at, occasion.starts_at)
    end = min(mark.left_at or occasion.ends_at, occasion.ends_at)
    return min(max(0, int((end - start).total_seconds()) // 60), occasion.minutes)


class Book:
    """All sessions, and every difference between the book and an answer."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.sessions: dict[str, SessionBook] = {}
        self.differences: list[Difference] = []
        self.signed_on_paper = self.signed_by_code = self.certificates = 0
        # How long each service took to forget somebody.
        self.erased_after: Mapping[str, float] = {}

    def open(self, plan: PlannedSession, session_id: UUID, occasion_ids: Sequence[UUID]) -> SessionBook:
        book = SessionBook(plan, session_id, tuple(occasion_ids))
        self.sessions[plan.key] = book
        return book

    def between(self, first: date, last: date) -> list[SessionBook]:
        """The sessions whose last occasion lies on these days."""
        return [book for book in self.sessions.values() if first <= max(book.plan.days) <= last]

    def months(self, municipality: str) -> dict[tuple[str, str], list[Hours]]:
        """What is attested for everybody who works there, with whatever employer, by personal number and month."""
        rows = self.year.staff
        numbers = {row.person.number for row in rows.values() if row.municipality == municipality}
        found: defaultdict[tuple[str, str], list[Hours]] = defaultdict(list)
        for session in self.sessions.values():
            for staff in session.present:
                number = rows[staff].person.number
                for one in session.hours(staff) if number in numbers else ():
                    found[number, f"{one.day:%Y-%m}"].append(one)
        return found

    def sign(self, hours: Iterable[Hours]) -> None:
        """A month was certified."""
        for one in hours:
            one.session.signed[one.staff, one.index] = one.minutes

    def expect(self, where: str, expected: object, found: object) -> None:
        """Notes a difference, if it is one."""
        if expected != found:
            self.differences.append(Difference(where, expected, found))
