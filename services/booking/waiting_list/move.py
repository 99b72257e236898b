"""A coordinator gives an entry another place in the queue, with a reason that is kept."""

from uuid import UUID

from sqlalchemy import insert, text

from services.booking.allocation.act import session_act
from services.booking.allocation.problems import ensure_open
from services.booking.allocation.queue import QueueEntry, load_queue
from services.booking.allocation.tables import QueueDecision
from services.booking.audit.record import record
from services.booking.waiting_list.explain import MOVED
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, Problem, invalid, not_found

PLACE = text("UPDATE waiting_entries SET place = :place WHERE id = :id")


async def move_entry(unit: Unit, session_id: UUID, entry_id: UUID, position: int, reason: str) -> None:
    """Put an entry at a position (1 is the head) and promote by the new order. Raises 404, 409, 422."""
    async with session_act(unit, session_id) as act:
        ensure_open(act.session, act.at)
        queue = await load_queue(unit, session_id)
        entry = _named(queue, entry_id)
        if position > len(queue):
            raise _behind_the_end(len(queue))
        others = [each for each in queue if each.id != entry.id]
        order = [*others[: position - 1], entry, *others[position - 1 :]]
        await unit.execute(PLACE, [{"id": each.id, "place": place} for place, each in enumerate(order, start=1)])
        await unit.execute(insert(QueueDecision).values(_decision(unit, session_id, entry, reason)))
        before, after = {"position": queue.index(entry) + 1}, {"position": position}
        await record(unit, "queue-moved", f"entry/{entry.id}", before=before, after=after)


def _named(queue: list[QueueEntry], entry_id: UUID) -> QueueEntry:
    for entry in queue:
        if entry.id == entry_id or any(member.registration_id == entry_id for member in entry.members):
            return entry
    raise not_found("Platsen i kön", "The entry of the queue")


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
