"""The page of hours that nobody can claim, each with what to do about it."""

from __future__ import annotations

from typing import Final

from services.reporting.unmatched.http import read_unmatched
from services.reporting.unmatched.queries import unmatched_sum
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Paging
from shared.web.pages import View, page_router
from shared.web.routing import allow

router = page_router()

LIST: Final = "/uppfoljning/omatchade"


@router.get(LIST)
async def unmatched_hours(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """As a part of the office's start page only how much there is."""
    listed = await read_unmatched(page, unit)
    return View("unmatched/list.html", rows=listed.items, next=listed.next, whole=await unmatched_sum(unit))
