"""Why not me? The queue as its reader may see it, each own entry with the reason why it waits."""

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.booking.allocation.eligibility import Obstacle
from services.booking.allocation.lock import read_session
from services.booking.allocation.promote import Queue, examine_queue
from services.booking.allocation.promotion import Verdict, Why
from services.booking.allocation.queue import DECISIONS, QueueEntry
from services.booking.registrations.problems import text_of
from services.booking.waiting_list.bodies import DecisionShown, EntryShown, GroupShown, QueueShown
from shared.database.unit_of_work import Unit
from shared.security.roles import Role

MOVED = "moved-by-coordinator"
STARTED = "session-started"
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
    STARTED: (
        "Kurstillfället har börjat: ingen får längre plats från reservlistan.",
        "The session has started: nobody gets a seat from the waiting list any more.",
    ),
    MOVED: ("Flyttad av samordnaren.", "Moved by the coordinator."),
}
OWN_ENTRIES = text("SELECT DISTINCT entry_id FROM registrations WHERE session_id = :session AND entry_id IS NOT NULL")


async def explain_queue(unit: Unit, session_id: UUID, language: str) -> QueueShown:
    """The queue of a session. A municipality sees its own entries explained, the others without name. Raises 404."""
    own = {row["entry_id"] for row in await unit.all(OWN_ENTRIES, {"session": session_id})}
    async with unit.as_system():
        session = await read_session(unit, session_id)
        queue = await examine_queue(unit, session, unit.recorded_at)
        decisions = await unit.all(DECISIONS, {"session": session_id})
    teller = _Teller(unit, own, language, started=session.has_started(unit.recorded_at))
    return QueueShown(entries=teller.entries(queue), decisions=[teller.decision(row) for row in decisions])


class _Teller:
    """Tells a reader what that reader may know."""

    def __init__(self, unit: Unit, own: set[UUID], language: str, *, started: bool) -> None:
        self.own = own
        self.started = started
        self.municipality = unit.caller.municipality if unit.caller and unit.role is Role.MUNICIPALITY else None
        self.language = language

    def entries(self, queue: Queue | None) -> list[EntryShown]:
        if queue is None:
            return []
        pairs = zip(queue.entries, queue.plan.verdicts, strict=True)
        return [self._entry(position, entry, verdict) for position, (entry, verdict) in enumerate(pairs, start=1)]

    def _entry(self, position: int, entry: QueueEntry, verdict: Verdict) -> EntryShown:
        is_own = entry.id in self.own
        code = (STARTED if self.started else str(verdict.why)) if is_own else None
        return EntryShown(
            position=position,
            entry=entry.id if is_own else None,
            municipality=_municipalities(entry)[0] if is_own else None,
            staff=entry.members[0].candidate.staff_id if is_own and len(entry.members) == 1 else None,
            since=entry.since,
            group=self._group(entry) if len(entry.members) > 1 or entry.whole else None,
            why_not_yet=self._told(code, verdict.entry.needed, verdict.available) if code else None,
            why_not_yet_code=code,
        )

    def _group(self, entry: QueueEntry) -> GroupShown:
        members = [
            member.candidate.staff_id
            for member in entry.members
            if self.municipality in (None, member.candidate.municipality)
        ]
        policy: Literal["all", "at_least", "any"] = "all" if entry.whole else "at_least" if entry.minimum > 1 else "any"
        needs = len(entry.members) if entry.whole else min(entry.minimum, len(entry.members))
        staff = members if entry.id in self.own else None
        municipalities = _municipalities(entry) if entry.id in self.own else None
        return GroupShown(
            policy=policy, size=len(entry.members), needs=needs, staff=staff, municipalities=municipalities
        )

    def decision(self, row: RowMapping) -> DecisionShown:
        is_own = row["entry_id"] in self.own
        told = row["note"] if is_own else None
        return DecisionShown(
            at=row["at"],
            entry=row["entry_id"] if is_own else None,
            decision=row["decision"],
            reason=told or self._told(row["why"], row["needed"], row["available"]),
            reason_code=row["why"],
        )

    def _told(self, code: str, needed: int, available: int) -> str:
        about: dict[str, Any] = {"needed": needed, "available": available}
        texts = TEXTS[code] if code in TEXTS else text_of(Obstacle(code), "…")
        return texts[0 if self.language == "sv" else 1].format(**about)


def _municipalities(entry: QueueEntry) -> list[str]:
    """Usually one; the coordinator can make a group of several. The first person's comes first."""
    return list(dict.fromkeys(member.candidate.municipality for member in entry.members))
