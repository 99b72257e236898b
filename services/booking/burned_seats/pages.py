"""The page of burned seats."""

from datetime import date
from typing import Annotated

from fastapi import Query

from services.booking.burned_seats.queries import burned_seats
from services.booking.catalogue.queries import municipality_names
from shared.clock import local_day
from shared.web.fields import Day
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()


@router.get("/boka/outnyttjade-platser")
async def burned(
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View:
    """The seats that were left empty, by municipality: this year's unless other days are asked for."""
    last = to or local_day(unit.recorded_at)
    first = from_ or date(last.year, 1, 1)
    return View(
        "burned_seats/list.html",
        rows=await burned_seats(unit, first, last),
        first=first,
        last=last,
        municipalities=await municipality_names(unit),
    )
