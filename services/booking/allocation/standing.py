"""A session on which several register within one transaction: what each of them leaves to the next.

What only one act alone can do (give seats to those who wait, settle what is due) is left to it: see `steady`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.booking.allocation.lock import Candidate, LockedSession
from services.booking.allocation.promote import changes_nothing, judged, plan_of, why_stopped
from services.booking.allocation.promotion import Entry, Fate, Member, Plan, QueueOrder, Verdict, serve
from services.booking.allocation.queue import load_queue
from services.booking.allocation.seats import Seats
from services.booking.allocation.situation import Situation, load_situation, load_situations
from shared.database.unit_of_work import Unit


@dataclass
class Standing:
    """A locked session as the next one finds it.

    `left` are the seats as a newcomer sees them, behind the queue. `steady`: a pass over the queue would change
    nothing; otherwise the next act has to be one alone, which makes that pass. `waiting` are the persons of the queue.
    """

    session: LockedSession
    situation: Situation
    at: datetime
    seats: Seats
    left: Seats
    entries: int
    last_place: int
    queue: list[Entry] = field(default_factory=list)
    skipped: list[Verdict] = field(default_factory=list)
    waiting: frozenset[UUID] = frozenset()
    steady: bool = True

    def seated(self, municipality: str) -> None:
        """Somebody got a seat: everybody behind sees one less."""
        self.seats = self.seats.give(municipality, 1)
        found = plan_of(self.session, self.situation, self.queue, self.seats, self.at)
        self.left, self.steady = found.seats, self.steady and passed_over(found) == self.skipped

    def queued(self, entry_id: UUID, member: Member) -> None:
        """Somebody came to the end of the queue: everybody behind stands behind that entry too."""
        entry = Entry(entry_id, [member])
        self.queue.append(entry)
        self.entries, self.last_place = self.entries + 1, self.last_place + 1
        stopped = why_stopped(self.session, self.situation, self.at)
        order = QueueOrder.SKIP_IF_TOO_BIG if stopped else self.situation.queue_order
        verdict, self.left = serve(entry, self.left, order)
        self.steady = self.steady and verdict.fate is Fate.WAITING


async def load_standings(
    unit: Unit, wanted: Sequence[tuple[LockedSession, Sequence[Candidate]]], at: datetime
) -> dict[UUID, Standing]:
    """How these sessions stand, with what is known of the candidates. Only in system scope, with all of them locked."""
    standings: dict[UUID, Standing] = {}
    if not wanted:
        return standings
    for (session, _), situation in zip(wanted, await load_situations(unit, wanted, at), strict=True):
        seats, waiting = situation.seats, situation.waiting
        standing = Standing(session, situation, at, seats, seats, waiting, situation.last_place)
        if waiting:
            await _add_queue(unit, standing)
        standings[session.id] = standing
    return standings


async def _add_queue(unit: Unit, standing: Standing) -> None:
    session, at = standing.session, standing.at
    entries = await load_queue(unit, session.id)
    candidates = [member.candidate for entry in entries for member in entry.members]
    situation = await load_situation(unit, session, candidates, at)
    standing.queue = [judged(entry, situation) for entry in entries]
    standing.waiting = frozenset(candidate.participant_id for candidate in candidates)
    found = plan_of(session, situation, standing.queue, standing.seats, at)
    standing.left, standing.skipped = found.seats, passed_over(found)
    standing.steady = await changes_nothing(unit, session.id, found)


def passed_over(found: Plan) -> list[Verdict]:
    return [verdict for verdict in found.verdicts if verdict.fate is not Fate.WAITING]
