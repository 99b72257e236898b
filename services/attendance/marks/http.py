"""Marks: batches from devices, and everything that was marked with its provenance."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping
from starlette.requests import Request

from services.attendance.cells.held import HELD, give_up
from services.attendance.marks import queries
from services.attendance.marks.bodies import DiscardBody, MarksBody, MarksShown, RefusedMarkShown, StoredMarkShown
from services.attendance.marks.record import record_marks
from services.attendance.marks.together import MarksTogether
from services.attendance.rolls.lock import find_roll, lock_roll
from shared.web.combined import combined
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import conflict, language_of, not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="marks")


def shown(row: RowMapping) -> StoredMarkShown:
    """A stored mark as the API shows it."""
    own = {name: row[name] for name in StoredMarkShown.model_fields if name not in ("id", "roll_version")}
    return StoredMarkShown(id=row["mark_id"], roll_version=row["version"], **own)


@router.post("/v1/sessions/{session_id}/marks")
@combined(MarksTogether())
async def post_marks(
    session_id: UUID, body: MarksBody, request: Request, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> MarksShown:
    """Records a batch; each mark gets its own outcome, and none is dropped. Send it again as often as needed."""
    return await record_marks(unit, session_id, body, language_of(request))


@router.get("/v1/sessions/{session_id}/marks")
async def list_marks(
    session_id: UUID,
    page: Paging,
    standing: Annotated[Literal["recorded", "held", "discarded", "late"] | None, Query()] = None,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER),
) -> Listing[StoredMarkShown]:
    """Everything that was marked: also what another mark superseded, what is held, and what was given up."""
    await find_roll(unit, session_id)
    rows = await queries.marks_of(unit, session_id, standing=standing, after=page.last(UUID), limit=page.fetch)
    return page.answer(rows, lambda row: [row["mark_id"]], shown)


@router.get("/v1/sessions/{session_id}/marks/{mark_id}")
async def show_mark(
    session_id: UUID, mark_id: UUID, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Versioned[StoredMarkShown]:
    """One mark with its provenance."""
    row = await queries.mark_of_session(unit, session_id, mark_id)
    if row is None:
        raise not_found("Markeringen", "The mark")
    return Versioned(shown(row), row["version"])


@router.get("/v1/sessions/{session_id}/refused-marks")
async def list_refused(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Listing[RefusedMarkShown]:
    """What was refused, with the reason."""
    await find_roll(unit, session_id)
    rows = await queries.refused_of(unit, session_id, after=page.last(UUID), limit=page.fetch)
    return page.answer(rows, lambda row: [row["id"]], lambda row: RefusedMarkShown(**row))


@router.post("/v1/sessions/{session_id}/marks/{mark_id}/discard", responses={409: problems("mark-not-held")})
async def discard_held(
    session_id: UUID, mark_id: UUID, body: DiscardBody, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> StoredMarkShown:
    """Gives up a held mark whose registration will never come, so that the roll can be attested.

    409 if it is not held.
    """
    await lock_roll(unit, session_id)
    row = await queries.mark_of_session(unit, session_id, mark_id)
    if row is None:
        raise not_found("Markeringen", "The mark")
    if row["standing"] != HELD:
        raise conflict(
            "mark-not-held",
            "Markeringen väntar inte på någon anmälan. Ändra den med en ny markering eller en rättelse.",
            "The mark waits for no registration. Change it by another mark or a correction.",
        )
    await give_up(unit, row, body.reason)
    discarded = await queries.mark_of_session(unit, session_id, mark_id)
    assert discarded is not None  # locked with its roll
    return shown(discarded)
