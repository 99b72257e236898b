"""A coordinator gives an entry another place in the queue, with a reason that is kept."""

from uuid import UUID

from sqlalchemy import insert, text

from services.booking.allocation.act import SessionAct, session_act
from services.booking.allocation.checks import ensure_open
from services.booking.allocation.promote import promote_by_hand
from services.booking.allocation.promotion import Verdict
from services.booking.allocation.queue import QueueEntry, load_queue
from services.booking.allocation.tables import QueueDecision
from services.booking.registrations.problems import SESSION_FULL
from services.booking.waiting_list.bodies import MoveBody
from services.booking.waiting_list.explain import MOVED, TEXTS, texts_of
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, Problem, conflict, invalid, not_found

PLACE = text("UPDATE waiting_entries SET place = :place WHERE id = :id")


async def move_entry(unit: Unit, session_id: UUID, body: MoveBody) -> None:
    """Put an entry at a position (1 is the head), by hand give it a seat if so asked, and promote by the new order.

    Raises 404, 422, and 409 when there is no seat to give.
    """
    async with session_act(unit, session_id) as act:
        ensure_open(act.session, act.at, opening_overridden=True)
        queue = await load_queue(unit, session_id)
        entry = _named(queue, body.entry)
        if body.position > len(queue):
            raise _behind_the_end(len(queue))
        if queue.index(entry) + 1 != body.position or not body.promote:
            await _move(act, queue, entry, body)
        if body.promote:
            verdict = await promote_by_hand(unit, act.session, entry, act.at, body.reason)
            if not verdict.promoted:
                raise _no_seat(verdict)


async def _move(act: SessionAct, queue: list[QueueEntry], entry: QueueEntry, body: MoveBody) -> None:
    others = [each for each in queue if each.id != entry.id]
    order = [*others[: body.position - 1], entry, *others[body.position - 1 :]]
    await act.unit.execute(PLACE, [{"id": each.id, "place": place} for place, each in enumerate(order, start=1)])
    decision = _decision(act.unit, act.session.id, entry, body.reason)
    await act.unit.execute(insert(QueueDecision).values(decision))
    before, after = {"position": queue.index(entry) + 1}, {"position": body.position}
    await record(act.unit, "queue-moved", f"entry/{entry.id}", before=before, after=after)


def _named(queue: list[QueueEntry], entry_id: UUID) -> QueueEntry:
    for entry in queue:
        if entry.id == entry_id or any(member.registration_id == entry_id for member in entry.members):
            return entry
    raise not_found("Platsen i kön", "The entry of the queue")


def _no_seat(verdict: Verdict) -> Problem:
    name = SESSION_FULL if verdict.why in TEXTS else verdict.why
    return conflict(name, *texts_of(verdict.why, verdict.about, verdict.entry.needed, verdict.available))


def _behind_the_end(length: int) -> Problem:
    return invalid(
        FieldError(
            "/position",
            "behind-the-end",
            f"Kön har {length} platser. Ange 1–{length}.",
            f"The queue has {length} entries. Give 1–{length}.",
        )
    )


def _decision(unit: Unit, session_id: UUID, entry: QueueEntry, reason: str) -> dict[str, object]:
    return {
        "session_id": session_id,
        "entry_id": entry.id,
        "at": unit.occurred_at,
        "decision": "moved",
        "why": MOVED,
        "needed": len(entry.members) if entry.whole else entry.minimum,
        "available": 0,
        "note": reason,
    }
