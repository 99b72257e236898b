"""The rows behind a figure over HTTP, pseudonymous."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services.reporting.drill.bodies import DrillRowShown, DrillShown
from services.reporting.drill.measures import SHARES, found
from services.reporting.drill.problems import is_share, not_told, unknown_figure
from services.reporting.drill.queries import behind
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.http import MunicipalityCode
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Page, Paging
from shared.web.fields import Day, Named
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="figures")

Figure = Annotated[Named, Query(max_length=400, description="Its path in the figures, for example minutes.attested.")]


@router.get(
    "/v1/drill",
    summary="The rows behind a figure",
    response_model=DrillShown,
    response_model_exclude_unset=True,
)
async def read_drill(
    figure: Figure,
    first: Annotated[Day, Query(alias="from", description="First local day.")],
    last: Annotated[Day, Query(alias="to", description="Last local day.")],
    page: Paging,
    municipality: MunicipalityCode = None,
    course: Annotated[Named | None, Query(description="Only this course, by its code.")] = None,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> DrillShown:
    """The filters are those of the figures, and so is `value`. A participant id leads to a name in booking only."""
    return await drill(unit, figure, Question(first, last, municipality, course), page)


async def drill(unit: Unit, figure: str, question: Question, page: Page) -> DrillShown:
    """A figure and a page of its rows. Raises 422 for a share, and for what is no figure or not told."""
    if SHARES.fullmatch(figure):
        raise is_share()
    named = found(figure)
    if named is None:
        raise unknown_figure()
    at, after = await counting(unit), page.last(str)
    told = await behind(unit, at, *named, question, after=after, fetch=page.fetch)
    if told.value is None:
        raise not_told()
    listed = page.answer(told.rows, lambda row: [row[0]], lambda row: DrillRowShown.model_validate(row[1]))
    return DrillShown(figure=figure, value=told.value, items=listed.items, next=listed.next)
