"""The pages of the waiting list: who waits, why, and giving somebody another place."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.catalogue.queries import municipality_names
from services.booking.registrations.queries import attendees
from services.booking.sessions.queries import find_session
from services.booking.waiting_list.bodies import EntryShown, MoveBody
from services.booking.waiting_list.explain import explain_queue
from services.booking.waiting_list.move import move_entry
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, allow

router = page_router()

QUEUE = "/boka/kurstillfallen/{session_id}/reservlista"


@dataclass(frozen=True)
class Waiting:
    """An entry of the queue, with the names of those in it whom the reader may see."""

    entry: EntryShown
    names: list[str]


@router.get(QUEUE)
async def waiting_list(session_id: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """The queue in its order, each own entry with why it waits, and what was decided."""
    session = (await find_session(unit, session_id)).shown
    queue = await explain_queue(unit, session_id, LANGUAGE.get())
    waiting = await _named(unit, session_id, queue.entries)
    names = {one.entry.entry: ", ".join(one.names) for one in waiting}
    municipalities = await municipality_names(unit)
    return View(
        "waiting_list/queue.html",
        session=session,
        waiting=waiting,
        decisions=[(one, names.get(one.entry, "")) for one in reversed(queue.decisions)],
        municipalities=municipalities,
    )


@router.get(f"{QUEUE}/{{entry_id}}")
async def one_entry(session_id: UUID, entry_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """One entry, to be moved."""
    queue = await explain_queue(unit, session_id, LANGUAGE.get())
    waiting = await _named(unit, session_id, queue.entries)
    found = next((one for one in waiting if one.entry.entry == entry_id), None)
    if found is None:
        raise not_found("Platsen i kön", "The entry of the queue")
    session = (await find_session(unit, session_id)).shown
    return View("waiting_list/move.html", session=session, waiting=found, length=len(waiting))


@router.post(f"{QUEUE}/{{entry_id}}")
async def move(session_id: UUID, entry_id: UUID, body: MoveBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    await move_entry(unit, session_id, body)
    return Done(QUEUE.format(session_id=session_id), _("The waiting list is changed."))


async def _named(unit: Unit, session_id: UUID, entries: list[EntryShown]) -> list[Waiting]:
    names = {one.staff_id: one.name for one in await attendees(unit, session_id)}
    return [Waiting(one, [names[each] for each in _members(one) if each in names]) for one in entries]


def _members(entry: EntryShown) -> list[UUID]:
    return entry.group.staff if entry.group else [entry.staff] if entry.staff else []
