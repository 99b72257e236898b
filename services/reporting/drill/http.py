"""The rows behind a figure over HTTP, pseudonymous."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from services.reporting.drill.bodies import DrillRowShown, DrillShown
from services.reporting.drill.measures import SHARES, found
from services.reporting.drill.of_report import drill_report
from services.reporting.drill.problems import days_missing, has_own, is_share, not_told, unknown_figure
from services.reporting.drill.queries import behind
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.http import MunicipalityCode
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.cursors import Page, Paging
from shared.web.fields import Day, Named
from shared.web.openapi import problems
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="figures")

Figure = Annotated[Named, Query(max_length=400, description="Its path in the figures, for example minutes.attested.")]


@dataclass(frozen=True)
class DrillQuestion:
    """What a drill asks: of today's figures of some days, or of a report, which has days of its own."""

    figure: Figure
    report: Annotated[UUID | None, Query(description="A frozen report: its own figure, from its own rows.")] = None
    from_: Annotated[Day | None, Query(alias="from", description="First local day; not with a report.")] = None
    to: Annotated[Day | None, Query(description="Last local day; not with a report.")] = None
    municipality: MunicipalityCode = None
    course: Annotated[Named | None, Query(description="Only this course, by its code.")] = None

    def question(self) -> Question:
        """Raises 422 without days."""
        if self.from_ is None or self.to is None:
            raise days_missing(*(name for name, day in (("from", self.from_), ("to", self.to)) if day is None))
        return Question(self.from_, self.to, self.municipality, self.course)

    async def answer(self, unit: Unit, request: Request, page: Page) -> DrillShown:
        """Raises 404, 409 and 422."""
        if self.report is None:
            return await drill(unit, self.figure, self.question(), page)
        filters = {"from": self.from_, "to": self.to, "municipality": self.municipality, "course": self.course}
        if given := [name for name, value in filters.items() if value is not None]:
            raise has_own(*given)
        return await drill_report(unit, request, self.report, self.figure, page)


@router.get(
    "/v1/drill",
    summary="The rows behind a figure",
    response_model=DrillShown,
    response_model_exclude_unset=True,
    responses={404: problems("not-found"), 409: problems("report-failed", "report-not-frozen")},
)
async def read_drill(
    asked: Annotated[DrillQuestion, Depends()],
    request: Request,
    page: Paging,
    unit: Unit = allow(Role.COORDINATOR, Role.FUNDER),
) -> DrillShown:
    """The filters are those of the figures, and so is `value`; with `report` both are that report's own. Of the
    co-financing `cofinancing.project.attested_minutes` and the like lead to their rows too, of the indicators
    `EECO01.woman`. A participant id leads to a name in booking only.
    """
    return await asked.answer(unit, request, page)


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
