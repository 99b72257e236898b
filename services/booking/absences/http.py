"""The calls about absent trainers, for the project office."""

from uuid import UUID

from services.booking.absences import queries
from services.booking.absences.bodies import AbsenceBody, AbsenceShown
from services.booking.absences.report_absence import report_absence
from services.booking.trainers.queries import trainer_row
from shared.web.cursors import Listing, Paging
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="trainers")
FIRST = 1
"""An absence is never edited."""


@router.get("/v1/trainers/{trainer_id}/absences")
async def list_absences(trainer_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> Listing[AbsenceShown]:
    """A trainer's absences, in the order in which they were reported."""
    await trainer_row(unit, trainer_id)
    rows = await queries.absences_page(unit, trainer_id, page)
    shown = {each.id: each for each in await queries.absences_shown(unit, rows)}
    return page.answer(rows, lambda row: [row["id"]], lambda row: shown[row["id"]])


@router.post("/v1/trainers/{trainer_id}/absences", status_code=201)
async def post_absence(
    trainer_id: UUID, body: AbsenceBody, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[AbsenceShown]:
    """Reports that a trainer is away. Each session on those days gets the first who can teach it; without anybody it is
    cancelled, or left to a decision when others teach it too or it has begun.
    """
    return Versioned(await report_absence(unit, trainer_id, body), FIRST)


@router.get("/v1/trainers/{trainer_id}/absences/{absence_id}")
async def show_absence(
    trainer_id: UUID, absence_id: UUID, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[AbsenceShown]:
    """One absence, and what became of the sessions."""
    return Versioned(await queries.absence(unit, trainer_id, absence_id), FIRST)
