"""The calls about trainers, for the project office."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from services.booking.trainers import queries
from services.booking.trainers.bodies import TrainerBody, TrainerPatch, TrainerShown
from services.booking.trainers.change_trainer import add_trainer, change_trainer
from shared.web.cursors import Listing, Paging
from shared.web.fields import Code
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="trainers")


@router.get("/v1/trainers")
async def list_trainers(
    page: Paging,
    qualification: Annotated[Code | None, Query(description="Only trainers who have it, from any day on.")] = None,
    unit: Unit = allow(Role.COORDINATOR),
) -> Listing[TrainerShown]:
    """The trainers, in the order in which they were added."""
    rows = await queries.trainers_page(unit, page, qualification=qualification)
    return page.answer(rows, lambda row: [row["id"]], queries.trainer_shown)


@router.post("/v1/trainers", status_code=201)
async def post_trainer(body: TrainerBody, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[TrainerShown]:
    """Adds a trainer."""
    trainer = await add_trainer(unit, body)
    return Versioned(trainer, 1)


@router.get("/v1/trainers/{trainer_id}")
async def show_trainer(trainer_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> Versioned[TrainerShown]:
    """One trainer."""
    row = await queries.trainer_row(unit, trainer_id)
    return Versioned(queries.trainer_shown(row), row["revision"])


@router.patch("/v1/trainers/{trainer_id}")
async def patch_trainer(
    trainer_id: UUID, patch: TrainerPatch, request: Request, unit: Unit = allow(Role.COORDINATOR)
) -> Versioned[TrainerShown]:
    """Changes the fields that are sent."""
    return Versioned(*await change_trainer(unit, request, trainer_id, patch))
