"""Why not me? The queue as its reader may see it, each own entry with the reason why it waits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.lock import Candidate, read_session
from services.booking.allocation.promote import BY_HAND, Queue, examine_queue
from services.booking.allocation.promotion import Verdict, Why
from services.booking.allocation.queue import DECISIONS, QueueEntry
from services.booking.registrations.problems import text_of
from services.booking.waiting_list.bodies import DecisionShown, EntryShown, GroupShown, QueueShown
from shared.database.unit_of_work import Unit

MOVED = "moved-by-coordinator"
TEXTS: dict[str, tuple[str, str]] = {
    Why.SEAT_FREE: ("En plats är ledig.", "A seat is free."),
    Why.SESSION_FULL: ("Alla platser är tagna.", "All seats are taken."),
    Why.TOO_FEW_SEATS: (
        "{needed} platser behövs samtidigt, {available} är lediga.",
        "{needed} seats are needed at once, {available} are free.",
    ),
    Why.BEHIND_OTHERS: (
        "De lediga platserna går först till dem som står före i kön.",
        "The free seats go first to those ahead in the queue.",
    ),
    Why.GUARANTEED_TO_OTHERS: (
        "De lediga platserna är garanterade andra kommuner.",
        "The free seats are guaranteed to other municipalities.",
    ),
    Why.LARGER_THAN_SESSION: (
        "Gruppen behöver {needed} platser, fler än kurstillfället har. Dela upp den.",
        "The group needs {needed} seats, more than the session has. Split it.",
    ),
    Why.PROMOTION_STOPPED: (
        "Så nära kursstarten delas inga platser ut av sig själva. Samordnaren kan ge en ledig plats för hand.",
        "So close to the start no seats are given by themselves. The coordinator can give a free one by hand.",
    ),
    Why.SESSION_STARTED: (
        "Kurstillfället har börjat: ingen får längre plats från reservlistan.",
        "The session has started: nobody gets a seat from the waiting list any more.",
    ),
    BY_HAND: ("Samordnaren gav en ledig plats.", "The coordinator gave a free seat."),
    MOVED: ("Flyttad av samordnaren.", "Moved by the coordinator."),
}
OWN_ENTRIES = text("SELECT DISTINCT entry_id FROM registrations WHERE session_id = :session AND entry_id IS NOT NULL")


async def explain_queue(unit: Unit, session_id: UUID, language: str) -> QueueShown:
    """The queue of a session: to a municipality its own entries explained, of the others place and age. Raises 404."""
    own = {row["entry_id"] for row in await unit.all(OWN_ENTRIES, {"session": session_id})}
    async with unit.as_system():
        session = await read_session(unit, session_id)
        queue = await examine_queue(unit, session, unit.recorded_at)
        decisions = await unit.all(DECISIONS, {"session": session_id})
    teller = _Teller(unit, own, language)
    told = [teller.decision(row) for row in decisions if row["entry_id"] in own]
    return QueueShown(entries=teller.entries(queue), decisions=told)


def texts_of(code: str, about: str | None, needed: int, available: int) -> tuple[str, str]:
    """What a reason says, in Swedish and in English."""
    if code not in TEXTS:
        return text_of(code, about)
    sv, en = (text.format(needed=needed, available=available) for text in TEXTS[code])
    return sv, en


class _Teller:
    """Tells a reader what that reader may know."""

    def __init__(self, unit: Unit, own: set[UUID], language: str) -> None:
        self.own = own
        self.municipality = unit.municipality
        self.language = language

    def entries(self, queue: Queue | None) -> list[EntryShown]:
        if queue is None:
            return []
        pairs = zip(queue.entries, queue.plan.verdicts, strict=True)
        return [self._entry(position, entry, verdict) for position, (entry, verdict) in enumerate(pairs, start=1)]

    def _entry(self, position: int, entry: QueueEntry, verdict: Verdict) -> EntryShown:
        if entry.id not in self.own:
            return EntryShown(position=position, since=entry.since)
        members = [each.candidate for each in entry.members if self.municipality in (None, each.candidate.municipality)]
        return EntryShown(
            position=position,
            since=entry.since,
            entry=entry.id,
            municipality=members[0].municipality,
            staff=members[0].staff_id if len(entry.members) == 1 else None,
            group=_group(entry, members) if len(entry.members) > 1 or entry.whole else None,
            why_not_yet=self._told(verdict.why, verdict.about, verdict.entry.needed, verdict.available),
            why_not_yet_code=str(verdict.why),
        )

    def decision(self, row: RowMapping) -> DecisionShown:
        return DecisionShown(
            at=row["at"],
            entry=row["entry_id"],
            decision=row["decision"],
            reason=row["note"] or self._told(row["why"], row["about"], row["needed"], row["available"]),
            reason_code=row["why"],
        )

    def _told(self, code: str, about: str | None, needed: int, available: int) -> str:
        return texts_of(code, about, needed, available)[0 if self.language == "sv" else 1]


def _group(entry: QueueEntry, members: Sequence[Candidate]) -> GroupShown:
    """`members`: those whom the reader may see. The coordinator can make a group of several municipalities."""
    return GroupShown(
        policy="all" if entry.whole else "at_least" if entry.minimum > 1 else "any",
        size=len(entry.members),
        needs=len(entry.members) if entry.whole else min(entry.minimum, len(entry.members)),
        staff=[member.staff_id for member in members],
        municipalities=list(dict.fromkeys(member.municipality for member in members)),
    )
