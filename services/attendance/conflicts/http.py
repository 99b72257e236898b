"""The conflict inbox."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping, text
from starlette.requests import Request

from services.attendance.cells.settle import mark_of
from services.attendance.conflicts.bodies import ConflictShown, ContradictingMarkShown, ResolutionShown, ResolveBody
from services.attendance.conflicts.resolve import find_conflict, resolve
from services.attendance.marks.http import shown as mark_shown
from services.attendance.occasions.queries import OccasionOnRoll, occasions_of
from services.attendance.people.names import shown_name
from shared.database.unit_of_work import Unit
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import language_of
from shared.web.routing import Role, Versioned, allow, service_router

router = service_router(tag="conflicts")

LIST = text(
    """
    SELECT * FROM current_conflicts
     WHERE CASE :state WHEN 'open' THEN resolved_at IS NULL WHEN 'resolved' THEN resolved_at IS NOT NULL ELSE true END
       AND (CAST(:session AS uuid) IS NULL OR session_id = :session)
       AND (CAST(:after AS uuid) IS NULL OR id > :after)
     ORDER BY id LIMIT :limit
    """
)
MARKS = text("SELECT * FROM current_marks WHERE mark_id = ANY (CAST(:marks AS uuid[])) ORDER BY marked_at, mark_id")
PEOPLE = text(
    "SELECT * FROM people_on_rolls "
    "WHERE session_id = ANY (CAST(:sessions AS uuid[])) AND participant_id = ANY (CAST(:people AS uuid[]))"
)


@router.get("/v1/conflicts")
async def list_conflicts(
    request: Request,
    page: Paging,
    state: Annotated[Literal["open", "resolved", "all"], Query()] = "open",
    session: UUID | None = None,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> Listing[ConflictShown]:
    """What waits for a decision (or was decided), oldest first; a trainer's own sessions only."""
    wanted = {"state": state, "session": session, "after": page.last(UUID), "limit": page.fetch}
    rows = await unit.all(LIST, wanted)
    show = await _shower(unit, rows, language_of(request))
    return page.answer(rows, lambda row: [row["id"]], show)


@router.get("/v1/conflicts/{conflict_id}")
async def show_conflict(
    conflict_id: UUID, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Versioned[ConflictShown]:
    """One contradiction."""
    row = await find_conflict(unit, conflict_id)
    return Versioned((await _shower(unit, [row], language_of(request)))(row), row["revision"])


@router.post(
    "/v1/conflicts/{conflict_id}/resolve",
    responses={409: problems("conflict-resolved", "overlapping-minutes", "roll-sealed")},
)
async def resolve_conflict(
    conflict_id: UUID, body: ResolveBody, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> ConflictShown:
    """Decides it: one of its marks, or other minutes."""
    await resolve(unit, conflict_id, body)
    row = await find_conflict(unit, conflict_id)
    return (await _shower(unit, [row], language_of(request)))(row)


async def _shower(unit: Unit, rows: Sequence[RowMapping], language: str) -> Callable[[RowMapping], ConflictShown]:
    """A function that shows a row, with the marks, occasions and names of all of them loaded."""
    occasions = await occasions_of(unit, {row["session_id"] for row in rows})
    found = await unit.all(MARKS, {"marks": sorted({mark for row in rows for mark in row["marks"]})})
    marks = {row["mark_id"]: row for row in found}
    places = {"sessions": {row["session_id"] for row in rows}, "people": {row["participant_id"] for row in rows}}
    found = await unit.all(PEOPLE, {name: sorted(ids) for name, ids in places.items()})
    people = {(row["session_id"], row["participant_id"]): row for row in found}

    def show(row: RowMapping) -> ConflictShown:
        person = people.get((row["session_id"], row["participant_id"]))
        columns = ("id", "session_id", "occasion_id", "participant_id", "kind", "opened_at")
        return ConflictShown(
            **{column: row[column] for column in columns},
            name=shown_name(dict(person), language) if person else None,
            state="open" if row["resolved_at"] is None else "resolved",
            marks=[_mark(mark, occasions) for mark in marks.values() if mark["mark_id"] in row["marks"]],
            resolution=_resolution(row),
        )

    return show


def _mark(row: RowMapping, occasions: Mapping[UUID, OccasionOnRoll]) -> ContradictingMarkShown:
    minutes = mark_of(row).minutes_on(occasions[row["occasion_id"]].schedule)
    return ContradictingMarkShown(**{**mark_shown(row).model_dump(), "minutes": minutes})


def _resolution(row: RowMapping) -> ResolutionShown | None:
    if row["resolved_at"] is None:
        return None
    return ResolutionShown(
        mark_id=row["resolution"], at=row["resolved_at"], by=row["resolved_by"], reason=row["reason"]
    )
