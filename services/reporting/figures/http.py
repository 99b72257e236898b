"""Figures and co-financing over HTTP. Who gets released figures only is decided here and nowhere else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from services.reporting.facts.past import known_at as state_known_at
from services.reporting.figures.asking import Question, counting
from services.reporting.figures.bodies import Answer, CofinancingShown, FiguresShown
from services.reporting.figures.cofinancing import cofinancing, released_cofinancing
from services.reporting.figures.figures import figures, released_figures
from services.reporting.figures.problems import too_fine
from shared.clock import day_end, instant, local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.fields import Day, Named
from shared.web.openapi import problems
from shared.web.problems import FieldError, forbidden, invalid
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="figures")

MunicipalityCode = Annotated[
    str | None, Query(pattern="^[0-9]{4}$", description="Only what is credited to this employer.")
]
READERS = (Role.COORDINATOR, Role.FUNDER, Role.MUNICIPALITY, Role.EVALUATOR)


@router.get(
    "/v1/figures",
    summary="Every measure of a period, each labelled, none mixed",
    response_model=FiguresShown,
    response_model_exclude_unset=True,
    responses={422: problems("period-too-fine")},
)
async def read_figures(
    first: Annotated[Day, Query(alias="from", description="First local day.")],
    last: Annotated[Day, Query(alias="to", description="Last local day.")],
    municipality: MunicipalityCode = None,
    course: Annotated[Named | None, Query(description="Only this course, by its code.")] = None,
    unit: Unit = allow(*READERS),
) -> Answer:
    """Unique persons, participations, sessions, seats, minutes and answers with attested minutes as their only source.

    A municipality sees its own figures. Evaluators get released figures of whole months: counts rounded to 5, see
    `rounded_to` and `suppressed`.
    """
    released = unit.role is Role.EVALUATOR
    if released:
        refuse_parts_of_months(first, last)
    question = Question(first, last, own_municipality(unit, municipality), course)
    return await (released_figures if released else figures)(unit, await counting(unit), question)


@router.get(
    "/v1/cofinancing",
    summary="Attested hours against commitments, with a forecast",
    response_model=CofinancingShown,
    response_model_exclude_unset=True,
    responses={422: problems("period-too-fine")},
)
async def read_cofinancing(
    as_of: Annotated[
        Day | None, Query(description="Occasions to this local day; default today; for evaluators last month's end.")
    ] = None,
    known_at: Annotated[
        str | None, Query(description="Only what was recorded by this time, or by the end of this local day.")
    ] = None,
    unit: Unit = allow(*READERS),
) -> Answer:
    """Attainment = attested ÷ commitment, with four decimals; the project's is Σ hours ÷ Σ commitments.

    The table is the same for all but evaluators, who get released figures as of the last day of a month.
    """
    today = local_day(unit.clock.now())
    if unit.role is Role.EVALUATOR:
        day = month_to_release(as_of, known_at, today)
        return await released_cofinancing(unit, await counting(unit), day, today)
    at = await (counting(unit) if known_at is None else state_known_at(unit, moment_of(known_at)))
    return await cofinancing(unit, at, as_of, today)


def month_to_release(as_of: date | None, known_at: str | None, today: date) -> date:
    """The day that an evaluator's table is as of. Raises 422 `period-too-fine`."""
    if known_at is not None:
        raise too_fine("/query/known_at")
    day = as_of or today.replace(day=1) - timedelta(days=1)
    if not ends_month(day):
        raise too_fine("/query/as_of")
    return day


def refuse_parts_of_months(first: date, last: date) -> None:
    """Raises 422 `period-too-fine`."""
    wrong = [("/query/from", first.day != 1), ("/query/to", not ends_month(last))]
    pointers = [pointer for pointer, is_wrong in wrong if is_wrong]
    if pointers:
        raise too_fine(*pointers)


def ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def own_municipality(unit: Unit, municipality: str | None) -> str | None:
    """The municipality asked about; for a municipality's login always its own. Raises 403 for another."""
    if unit.role is not Role.MUNICIPALITY:
        return municipality
    own = unit.caller.municipality if unit.caller else None
    if municipality not in (None, own):
        raise forbidden("Du kan bara se din egen kommuns siffror.", "You can see your own municipality's figures only.")
    return own


def moment_of(text: str) -> datetime:
    """A time with offset, or a local day (its end). Raises 422."""
    try:
        moment = day_end(date.fromisoformat(text)) if len(text) == len("2025-12-31") else instant(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise invalid(
            FieldError(
                "/query/known_at",
                "time",
                "Ange en tidpunkt med tidszon eller en dag, till exempel 2025-12-31T23:00:00Z.",
                "Give a time with offset or a day, for example 2025-12-31T23:00:00Z.",
            )
        )
    return moment
