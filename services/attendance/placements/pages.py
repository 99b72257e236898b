"""The pages of placements: who is placed where, and how each week went."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import RowMapping, select
from sqlmodel import col
from starlette.requests import Request

from services.attendance.catalogue.queries import municipality_names
from services.attendance.placements.bodies import PlacementBody, PlacementPatch, Week, WeeklyNoteBody
from services.attendance.placements.http import patch_placement
from services.attendance.placements.note_week import correct_note, note_week
from services.attendance.placements.place import place
from services.attendance.placements.queries import (
    candidates,
    find_placement,
    notes_of,
    placement_shown,
    placements_page,
    placements_shown,
)
from services.attendance.placements.rules import weeks_between
from services.attendance.placements.tables import WeeklyNote
from services.attendance.surveys.checks import typed
from services.attendance.surveys.definitions import definition, newest
from shared.clock import local_day
from shared.web.cursors import Page, Paging
from shared.web.fields import Line
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST, ROWS = "/narvaro/placeringar", 25
BOTH = (Role.COORDINATOR, Role.MUNICIPALITY)


@router.get(LIST)
async def placement_list(page: Paging, unit: Unit = allow(*BOTH)) -> View:
    """The last ones first."""
    shorter = Page(ROWS, page.after, page.path)
    rows = await placements_page(unit, shorter, latest_first=True)
    shown = await placements_shown(unit, rows)
    listing = shorter.answer(shown, lambda one: [one.id], lambda one: one)
    return View("placements/list.html", listing=listing, municipalities=await municipality_names(unit))


@router.get(f"{LIST}/ny")
async def new_placement(q: Annotated[Line | None, Query()] = None, unit: Unit = allow(*BOTH)) -> View:
    """Somebody of the staff, found by name."""
    today = local_day(unit.recorded_at)
    found = await candidates(unit, q, today) if q else []
    names = await municipality_names(unit)
    return View("placements/new.html", found=found, q=q, municipalities=names, today=today)


@router.post(f"{LIST}/ny")
async def add_placement(body: PlacementBody, unit: Unit = allow(*BOTH)) -> Done:
    return Done(f"{LIST}/{(await place(unit, body))['id']}", _("The placement is entered."))


@router.get(f"{LIST}/{{placement_id}}")
async def one_placement(placement_id: UUID, unit: Unit = allow(*BOTH)) -> View:
    """Its days and outcome to edit, and its weeks."""
    row = await find_placement(unit, placement_id)
    today = local_day(unit.recorded_at)
    return View(
        "placements/one.html",
        row["revision"],
        placement=await placement_shown(unit, row),
        weeks=weeks_between(row["from_day"], min(row["to_day"] or today, today)),
        notes={note["week"]: note for note in await notes_of(unit, placement_id)},
        questions=newest("placement").questions,
        words=LANGUAGE.get(),
    )


@router.post(f"{LIST}/{{placement_id}}")
async def save_placement(placement_id: UUID, body: PlacementPatch, request: Request, unit: Unit = allow(*BOTH)) -> Done:
    await patch_placement(placement_id, body, request, unit)
    return Done(f"{LIST}/{placement_id}", _("Saved."))


@router.get(f"{LIST}/{{placement_id}}/{{week}}")
async def one_week(placement_id: UUID, week: Week, unit: Unit = allow(*BOTH)) -> View:
    """The questions about a week, and what was answered."""
    row, note = await find_placement(unit, placement_id), await _note(unit, placement_id, week)
    asked = definition("placement", note["version"]) if note is not None else newest("placement")
    return View(
        "placements/week.html",
        placement=await placement_shown(unit, row),
        week=week,
        asked=asked,
        answers=note["answers"] if note is not None else {},
        words=LANGUAGE.get(),
    )


@router.post(f"{LIST}/{{placement_id}}/{{week}}")
async def save_week(placement_id: UUID, week: Week, body: WeeklyNoteBody, unit: Unit = allow(*BOTH)) -> Done:
    """The first time it is noted, afterwards corrected."""
    row, note = await find_placement(unit, placement_id, lock=True), await _note(unit, placement_id, week)
    asked = definition("placement", note["version"]) if note is not None else newest("placement")
    body = WeeklyNoteBody(week=week, answers=typed(asked.questions, body.answers))
    await (note_week(unit, row, body) if note is None else correct_note(unit, note, body))
    return Done(f"{LIST}/{placement_id}", _("The week is noted."))


async def _note(unit: Unit, placement_id: UUID, week: str) -> RowMapping | None:
    of_week = col(WeeklyNote.placement_id) == placement_id, col(WeeklyNote.week) == week
    return await unit.one_or_none(select(WeeklyNote).where(*of_week))
