"""The calls about placements: for the project office, and for each municipality about its own."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request

from services.attendance.placements.bodies import (
    PlacementBody,
    PlacementPatch,
    PlacementShown,
    WeeklyNoteBody,
    WeeklyNotePatch,
    WeeklyNoteShown,
)
from services.attendance.placements.note_week import correct_note, note_week
from services.attendance.placements.place import change_placement, place
from services.attendance.placements.queries import (
    find_note,
    find_placement,
    note_shown,
    placement_shown,
    placements_page,
    placements_shown,
)
from services.attendance.placements.tables import WeeklyNote
from shared.contracts.types import MunicipalityCode
from shared.web.cursors import Listing, Paging
from shared.web.etags import require_if_match
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="placements")
BOTH = (Role.COORDINATOR, Role.MUNICIPALITY)


@router.get("/v1/placements")
async def list_placements(
    page: Paging,
    municipality: MunicipalityCode | None = None,
    participant_id: Annotated[UUID | None, Query()] = None,
    unit: Unit = allow(*BOTH),
) -> Listing[PlacementShown]:
    """Placements, oldest first."""
    rows = await placements_page(unit, page, municipality=municipality, participant_id=participant_id)
    shown = await placements_shown(unit, rows)
    return page.answer(shown, lambda one: [one.id], lambda one: one)


@router.post("/v1/placements", status_code=201)
async def post_placement(body: PlacementBody, unit: Unit = allow(*BOTH)) -> Versioned[PlacementShown]:
    """Enters a placement of somebody whom the municipality employs."""
    return Versioned(await placement_shown(unit, await place(unit, body)), 1)


@router.get("/v1/placements/{placement_id}")
async def show_placement(placement_id: UUID, unit: Unit = allow(*BOTH)) -> Versioned[PlacementShown]:
    row = await find_placement(unit, placement_id)
    return Versioned(await placement_shown(unit, row), row["revision"])


@router.patch("/v1/placements/{placement_id}")
async def patch_placement(
    placement_id: UUID, patch: PlacementPatch, request: Request, unit: Unit = allow(*BOTH)
) -> Versioned[PlacementShown]:
    """Changes the fields that are sent: its end and its outcome, say."""
    row = await find_placement(unit, placement_id, lock=True)
    require_if_match(request, row["revision"])
    changed = await change_placement(unit, row, patch)
    return Versioned(await placement_shown(unit, changed), changed["revision"])


@router.get("/v1/placements/{placement_id}/weekly-notes")
async def list_notes(placement_id: UUID, page: Paging, unit: Unit = allow(*BOTH)) -> Listing[WeeklyNoteShown]:
    """The weekly notes of a placement, in the order in which they were written."""
    await find_placement(unit, placement_id)
    statement = select(WeeklyNote).where(col(WeeklyNote.placement_id) == placement_id)
    rows = await unit.all(page.cut(statement, col(WeeklyNote.id)))
    return page.answer(rows, lambda row: [row["id"]], note_shown)


@router.post(
    "/v1/placements/{placement_id}/weekly-notes", status_code=201, responses={409: problems("week-already-noted")}
)
async def post_note(placement_id: UUID, body: WeeklyNoteBody, unit: Unit = allow(*BOTH)) -> Versioned[WeeklyNoteShown]:
    """Notes how a week went, by the newest questions of audience `placement`."""
    row = await note_week(unit, await find_placement(unit, placement_id), body)
    return Versioned(note_shown(row), 1)


@router.get("/v1/placements/{placement_id}/weekly-notes/{note_id}")
async def show_note(placement_id: UUID, note_id: UUID, unit: Unit = allow(*BOTH)) -> Versioned[WeeklyNoteShown]:
    row = await find_note(unit, placement_id, note_id)
    return Versioned(note_shown(row), row["revision"])


@router.patch("/v1/placements/{placement_id}/weekly-notes/{note_id}")
async def patch_note(
    placement_id: UUID, note_id: UUID, patch: WeeklyNotePatch, request: Request, unit: Unit = allow(*BOTH)
) -> Versioned[WeeklyNoteShown]:
    """Other answers to the same questions."""
    row = await find_note(unit, placement_id, note_id, lock=True)
    require_if_match(request, row["revision"])
    changed = await correct_note(unit, row, patch)
    return Versioned(note_shown(changed), changed["revision"])
