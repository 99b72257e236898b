"""The one step that gives free seats to the waiting list. Everything that frees a seat calls it, in its transaction.

It may run any number of times: when nobody can be promoted it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, text, update
from sqlmodel import col

from services.booking.allocation import promotion
from services.booking.allocation.eligibility import Refusal, refusal
from services.booking.allocation.events import confirmed
from services.booking.allocation.lock import LockedSession
from services.booking.allocation.promotion import Fate, Plan, Verdict, Why
from services.booking.allocation.queue import LAST_DECISIONS, QueueEntry, Waiting, load_queue
from services.booking.allocation.rules import State
from services.booking.allocation.seats import Seats
from services.booking.allocation.situation import Situation, load_situation
from services.booking.allocation.tables import QueueDecision, WaitingEntry
from shared.audit.record import Act, record_all
from shared.database.conditions import among
from shared.database.unit_of_work import Unit

CONFIRM = text(
    "UPDATE registrations SET status = 'confirmed', via = 'promotion', confirmed_at = :at, revision = revision + 1 "
    "WHERE id = :id"
)


BY_HAND = "promoted-by-coordinator"
"""Why of a decision: the project office gave the seat, whatever the order of the queue."""


@dataclass(frozen=True)
class Queue:
    """A session's queue and what a pass over it would decide at a moment."""

    entries: Sequence[QueueEntry]
    plan: Plan


async def examine_queue(unit: Unit, session: LockedSession, at: datetime) -> Queue | None:
    """What a pass over the queue decides; None without a queue. Only in system scope, with the session locked."""
    entries = await load_queue(unit, session.id)
    if not entries:
        return None
    candidates = [member.candidate for entry in entries for member in entry.members]
    situation = await load_situation(unit, session, candidates, at)
    queue = [judged(entry, situation) for entry in entries]
    return Queue(entries, plan_of(session, situation, queue, situation.seats, at))


def plan_of(
    session: LockedSession, situation: Situation, queue: Sequence[promotion.Entry], seats: Seats, at: datetime
) -> Plan:
    """What a pass over a queue that was judged decides about these seats."""
    if why := why_stopped(session, situation, at):
        return promotion.closed(queue, seats, why)
    return promotion.examine(queue, seats, situation.queue_order)


def why_stopped(session: LockedSession, situation: Situation, at: datetime) -> Why | None:
    """Why nobody is promoted by itself any more; None while promotion goes on."""
    if session.starts_at - situation.promotion_stops > at:
        return None
    return Why.SESSION_STARTED if session.has_started(at) else Why.PROMOTION_STOPPED


async def changes_nothing(unit: Unit, session_id: UUID, found: Plan) -> bool:
    """Whether a pass that decides this would store nothing. Only in system scope, with the session locked."""
    if any(verdict.fate is Fate.PROMOTED for verdict in found.verdicts):
        return False
    return not await _new_decisions(unit, session_id, found)


def judged(entry: QueueEntry, situation: Situation) -> promotion.Entry:
    """An entry with what keeps each of its members from the session by now."""
    return promotion.Entry(
        entry.id, [_judged_member(member, situation) for member in entry.members], entry.minimum, entry.whole
    )


def _judged_member(member: Waiting, situation: Situation) -> promotion.Member:
    found, municipality = _refusal(member, situation), member.candidate.municipality
    if found is None:
        return promotion.Member(member.registration_id, municipality)
    about = found.as_seen_by(municipality).about
    return promotion.Member(member.registration_id, municipality, found.obstacle, about)


def _refusal(member: Waiting, situation: Situation) -> Refusal | None:
    person = situation.people[member.candidate.employment_id].without(member.registration_id)
    return refusal(person, situation.demands, overridden=member.overridden)


async def promote(unit: Unit, session: LockedSession, at: datetime) -> Seats | None:
    """Give the seats that are free at `at` to those who wait, and store why each was promoted or passed over.

    Returns the seats as a newcomer sees them behind those who still wait; None when nobody waited. From
    `promotion_stops_hours` before its start on, or cancelled, a session promotes nobody.
    """
    async with unit.as_system():
        if session.state == State.CANCELLED or session.has_started(at):
            return None
        queue = await examine_queue(unit, session, at)
        if queue is None:
            return None
        await _confirm(unit, session.id, queue, at)
        await _store_decisions(unit, session.id, queue.plan, at)
        return queue.plan.seats


async def promote_by_hand(unit: Unit, session: LockedSession, entry: QueueEntry, at: datetime, reason: str) -> Verdict:
    """Give an entry seats that are free, past those ahead of it; stores the decision when it got any.

    Only in system scope, with the session locked. Returns the verdict.
    """
    situation = await load_situation(unit, session, [member.candidate for member in entry.members], at)
    verdict = promotion.judge(judged(entry, situation), situation.seats, situation.queue_order)
    if verdict.promoted:
        await _confirm(unit, session.id, Queue([entry], Plan((verdict,), situation.seats)), at)
        row = decision_row(session.id, entry.id, at, verdict) | {"why": BY_HAND, "note": reason}
        await unit.execute(insert(QueueDecision).values(row))
    return verdict


async def _confirm(unit: Unit, session_id: UUID, queue: Queue, at: datetime) -> None:
    promoted = [
        (member, max(at, entry.since))
        for entry, verdict in zip(queue.entries, queue.plan.verdicts, strict=True)
        for member in entry.members
        if any(member.registration_id == seated.registration_id for seated in verdict.promoted)
    ]
    if not promoted:
        return
    await unit.execute(CONFIRM, [{"id": member.registration_id, "at": when} for member, when in promoted])
    for member, when in promoted:
        # Entered afterwards in another order than it happened, a seat may free "before" somebody began to wait.
        event = confirmed(member.registration_id, session_id, member.candidate, "promotion")
        unit.emit(event, occurred_at=when)
    await record_all(
        unit, [Act("registration-promoted", f"registration/{member.registration_id}") for member, _ in promoted]
    )
    await _leave_queue(unit, queue.plan)


async def _leave_queue(unit: Unit, plan: Plan) -> None:
    """Entries without members go; of a group that got its minimum the rest waits on in its place, for any seat."""
    done = [verdict.entry.id for verdict in plan.verdicts if len(verdict.promoted) == len(verdict.entry.members)]
    rest = [verdict.entry.id for verdict in plan.verdicts if 0 < len(verdict.promoted) < len(verdict.entry.members)]
    if done:
        await unit.execute(delete(WaitingEntry).where(among(col(WaitingEntry.id), done)))
    if rest:
        await unit.execute(update(WaitingEntry).where(among(col(WaitingEntry.id), rest)).values(minimum=1, whole=False))


async def _store_decisions(unit: Unit, session_id: UUID, plan: Plan, at: datetime) -> None:
    """Promotions, and skips whose reason is new: a pass that changes nothing stores nothing."""
    if decided := await _new_decisions(unit, session_id, plan):
        rows = [decision_row(session_id, verdict.entry.id, at, verdict) for verdict in decided]
        await unit.execute(insert(QueueDecision), rows)


async def _new_decisions(unit: Unit, session_id: UUID, plan: Plan) -> list[Verdict]:
    decided = [verdict for verdict in plan.verdicts if verdict.fate is not Fate.WAITING]
    if any(verdict.fate is Fate.SKIPPED for verdict in decided):
        last = {row["entry_id"]: row for row in await unit.all(LAST_DECISIONS, {"session": session_id})}
        decided = [verdict for verdict in decided if not _is_known(verdict, last.get(verdict.entry.id))]
    return decided


def _is_known(verdict: Verdict, last: RowMapping | None) -> bool:
    told = (verdict.fate, verdict.why, verdict.about, verdict.entry.needed, verdict.available)
    names = ("decision", "why", "about", "needed", "available")
    return last is not None and told == tuple(last[name] for name in names)


def decision_row(session_id: UUID, entry_id: UUID, at: datetime, verdict: Verdict) -> dict[str, Any]:
    """A decision as it is stored."""
    return {
        "session_id": session_id,
        "entry_id": entry_id,
        "at": at,
        "decision": verdict.fate.value,
        "why": str(verdict.why),
        "needed": verdict.entry.needed,
        "available": verdict.available,
        "about": verdict.about,
        "note": None,
    }
