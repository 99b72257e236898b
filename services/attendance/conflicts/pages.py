"""The pages of contradictions: the inbox, and deciding one."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from starlette.requests import Request

from services.attendance.conflicts.bodies import ConflictShown, DecisionBody, ResolveBody
from services.attendance.conflicts.http import list_conflicts, show_conflict
from services.attendance.conflicts.resolve import resolve
from services.attendance.occasions.queries import occasions_of
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page, Paging
from shared.web.pages import Done, View, _, page_router
from shared.web.problems import FieldError, invalid
from shared.web.routing import Role, allow

router = page_router()

LIST = "/narvaro/konflikter"
ROWS = 50
SESSIONS = text(
    "SELECT session_id, course_title, venue, state FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[]))"
)
OPEN = text("SELECT count(*) FROM conflicts WHERE resolved_at IS NULL")


@router.get(LIST)
async def conflicts(request: Request, page: Paging, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    """What waits for a decision, oldest first."""
    shorter = Page(ROWS, page.after, page.path)
    listing = await list_conflicts(request, shorter, "open", None, unit)
    return View(
        "conflicts/list.html",
        listing=listing,
        number=await unit.scalar(OPEN),
        **await _around(unit, listing.items),
    )


@router.get(f"{LIST}/{{conflict_id}}")
async def conflict(conflict_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    """One contradiction: both marks with their origin."""
    shown = (await show_conflict(conflict_id, request, unit)).value
    return View("conflicts/one.html", conflict=shown, **await _around(unit, [shown]))


@router.post(f"{LIST}/{{conflict_id}}")
async def decide(conflict_id: UUID, body: DecisionBody, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> Done:
    await resolve(unit, conflict_id, ResolveBody(choose=_choice(body), reason=body.reason))
    return Done(LIST, _("The conflict is decided."))


def _choice(body: DecisionBody) -> UUID | int:
    if isinstance(body.choose, UUID):
        return body.choose
    if body.minutes is None:
        raise invalid(FieldError("/minutes", "missing", "Fyll i fältet.", "Fill in this field."))
    return body.minutes


async def _around(unit: Unit, shown: list[ConflictShown]) -> dict[str, Any]:
    """The sessions and occasions of conflicts, by their ids."""
    ids = sorted({one.session_id for one in shown})
    rows = await unit.all(SESSIONS, {"sessions": ids})
    occasions = await occasions_of(unit, ids)
    return {
        "sessions": {row["session_id"]: row for row in rows},
        "schedules": {occasion_id: known.schedule for occasion_id, known in occasions.items()},
    }
