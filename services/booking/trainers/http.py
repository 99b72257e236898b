"""The calls about trainers, for the project office."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.booking.trainers import queries
from services.booking.trainers.bodies import TrainerBody, TrainerPatch, TrainerShown
from services.booking.trainers.change_trainer import add_trainer, change_trainer
from shared.web.cursors import Listing, Paging
from shared.web.etags import require_if_match, set_etag
from shared.web.fields import Code
from shared.web.routing import Role, Unit, allow, service_router

router = service_router(tag="trainers")


@router.get("/v1/trainers")
async def list_trainers(
    page: Paging,
    qualification: Annotated[Code | None, Query(description="Only trainers who have it, from any day on.")] = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> Listing[TrainerShown]:
    """The trainers, in the order in which they were added."""
    rows = await queries.trainers_page(unit, page.last(UUID), page.fetch, qualification=qualification)
    return page.answer(rows, lambda row: [row["id"]], queries.trainer_shown)


@router.post("/v1/trainers", status_code=201)
async def post_trainer(body: TrainerBody, response: Response, unit: Unit = allow(Role.COORDINATOR)) -> TrainerShown:
    """Adds a trainer."""
    trainer = await add_trainer(unit, body)
    set_etag(response, 1)
    return trainer


@router.get("/v1/trainers/{trainer_id}")
async def show_trainer(trainer_id: UUID, response: Response, unit: Unit = allow(Role.COORDINATOR)) -> TrainerShown:
    """One trainer."""
    row = await queries.trainer_row(unit, trainer_id)
    set_etag(response, row["revision"])
    return queries.trainer_shown(row)


@router.patch("/v1/trainers/{trainer_id}")
async def patch_trainer(
    trainer_id: UUID, patch: TrainerPatch, request: Request, response: Response, unit: Unit = allow(Role.COORDINATOR)
) -> TrainerShown:
    """Changes the fields that are sent."""
    row = await queries.trainer_row(unit, trainer_id, lock=True)
    require_if_match(request, row["revision"])
    trainer, revision = await change_trainer(unit, row, patch)
    set_etag(response, revision)
    return trainer
