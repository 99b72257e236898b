"""Figures and co-financing over HTTP. Who may see small groups is decided here and nowhere else."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.reporting.facts.load import FactsReader
from services.reporting.figures.bodies import Answer, CofinancingOut, FiguresOut
from services.reporting.figures.cofinancing import cofinancing, latest_day
from services.reporting.figures.figures import figures, suppressed_figures
from services.reporting.figures.model import Facts, Period
from shared.clock import day_end, instant, local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.fields import Day, Named
from shared.web.problems import FieldError, forbidden, invalid
from shared.web.routing import allow, service_router

router: APIRouter = service_router(tag="figures")

MunicipalityCode = Annotated[
    str | None, Query(pattern="^[0-9]{4}$", description="Only what is credited to this employer.")
]
READERS = (Role.COORDINATOR, Role.FUNDER, Role.MUNICIPALITY, Role.EVALUATOR)
SEE_ALL = (Role.COORDINATOR, Role.FUNDER)


def reader_of(request: Request) -> FactsReader:
    """The service's reader of facts."""
    reader: FactsReader = request.app.state.facts
    return reader


@router.get(
    "/v1/figures",
    summary="Every measure of a period, each labelled, none mixed",
    response_model=FiguresOut,
    response_model_exclude_unset=True,
)
async def read_figures(
    request: Request,
    first: Annotated[Day, Query(alias="from", description="First local day.")],
    last: Annotated[Day, Query(alias="to", description="Last local day.")],
    municipality: MunicipalityCode = None,
    course: Annotated[Named | None, Query(description="Only this course, by its code.")] = None,
    unit: Unit = allow(*READERS),
) -> Answer:
    """Unique persons, participations, sessions, seats, minutes and answers with attested minutes as their only source.

    A municipality sees its own figures. Municipalities and evaluators get null for counts 1 to 4 (see `suppressed`).
    """
    code = own_municipality(unit, municipality)
    facts = await reader_of(request).current(unit)
    return await asyncio.to_thread(_figures, facts, Period(first, last), code, course, unit.role)


@router.get(
    "/v1/cofinancing", summary="Attested hours against commitments, with a forecast", response_model=CofinancingOut
)
async def read_cofinancing(
    request: Request,
    as_of: Annotated[Day | None, Query(description="Occasions to this local day; default today.")] = None,
    known_at: Annotated[
        str | None, Query(description="Only what was recorded by this time, or by the end of this local day.")
    ] = None,
    unit: Unit = allow(*READERS),
) -> Answer:
    """Attainment = attested ÷ commitment, with four decimals; the project's is Σ hours ÷ Σ commitments.

    A municipality sees its own row beside the project's.
    """
    reader = reader_of(request)
    moment = None if known_at is None else moment_of(known_at)
    facts = await (reader.current(unit) if moment is None else reader.known_at(unit, moment))
    today = local_day(unit.clock.now())
    answer = await asyncio.to_thread(lambda: cofinancing(facts, as_of or latest_day(facts, today)))
    if unit.role is Role.MUNICIPALITY:
        own = own_municipality(unit, None)
        answer["municipalities"] = [line for line in answer["municipalities"] if line["code"] == own]
    return answer


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


def _figures(facts: Facts, period: Period, municipality: str | None, course: str | None, role: Role | None) -> Answer:
    if role in SEE_ALL:
        return figures(facts, period, municipality, course)
    return suppressed_figures(facts, period, municipality, course, own=role is Role.MUNICIPALITY)
