"""Reporting's pages beside three years of facts: of the office, the funder, a municipality and an evaluator."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from infra.bench import years
from infra.bench.county import LARGE, Pages, Size
from infra.bench.years import Made
from services.reporting.reports.bodies import ReportBody
from services.reporting.reports.order_report import order_report
from services.reporting.reports.tables import Report
from shared.clock import local_day
from shared.contracts.catalogue_v1 import CourseChanged, TitleChanged
from shared.database.unit_of_work import Units

YEARS: Final = 3
FIGURE: Final = "minutes.attested"
LONGEST_WAIT: Final = 120.0
BESIDE: Final = (
    """
    INSERT INTO economy_entries (id, date, kind, category, amount, note, covers_from, covers_to)
    SELECT gen_random_uuid(), first, kind, 'Post ' || n, 1000 * n, '', first, first + 27
      FROM generate_series(CAST(:year || '-01-01' AS date), CAST(:year || '-12-01' AS date), interval '1 month') month,
           LATERAL (SELECT month::date AS first) begins, unnest(ARRAY['income', 'cost']) kind, generate_series(1, 5) n
    """,
    """
    INSERT INTO activities (id, date, theme, audience, count, approximate, rating_mean, rating_n, revision)
    SELECT gen_random_uuid(), CAST(:year || '-01-01' AS date) + 7 * n, 'Tema ' || n, 'managers', 40, true, 4.2, 20, 1
      FROM generate_series(1, 50) n
    """,
    """
    INSERT INTO competence_years (year, cells, revision)
    SELECT CAST(CAST(:year AS text) AS integer),
           jsonb_agg(jsonb_build_object('organisation', 'Kommun ' || m, 'occupation', 'Yrke ' || o,
                                        'level', 'vulnerable', 'comment', 'Två går i pension')), 1
      FROM generate_series(1, 13) m, generate_series(1, 20) o
    """,
    """
    INSERT INTO goals (id, goals, revision)
    SELECT 1, jsonb_agg(jsonb_build_object('goal', 'Mål ' || n, 'level', 'result', 'indicators', jsonb_build_array(
               jsonb_build_object('name', 'Timmar', 'target', 42000, 'figure', 'minutes.attested'),
               jsonb_build_object('name', 'Andel', 'target', 0.8, 'figure', 'surveys.participant.helped.share')))), 1
      FROM generate_series(1, 8) n
    """,
    """
    INSERT INTO schedules (id, kind, every, days_after, "to", language, created_at, revision)
    SELECT gen_random_uuid(), 'progress', 'quarter', 5, '["a@kommun.example"]', 'sv', now(), 1
    """,
)


async def filled(units: Units, size: Size) -> dict[str, Pages]:
    async with units.system() as unit:
        year = local_day(unit.recorded_at).year
    facts = await years.fill(units, YEARS, last=year, sessions=size.sessions // YEARS)
    async with units.system() as unit:
        await years.record(unit, list(_model(year)), facts)
        for statement in BESIDE:
            asked = text(statement)
            await unit.execute(asked, {name: str(year) for name in asked.compile().params})
        await unit.execute("ANALYZE")
        report = await order_report(unit, ReportBody(kind="progress", period=str(year - 1)))
    await _frozen(units, report)
    return _pages(year, f"/uppfoljning/rapporter/{report}")


def _model(year: int) -> Iterator[Made]:
    """Every title asks for two of the ten courses."""
    at = datetime(year, 1, 1, 8, tzinfo=UTC)
    for code in (f"C{n}" for n in range(1, 11)):
        about = {"code": code, "title": f"Kurs {code}", "duration_minutes": years.MINUTES}
        asked = {"categories": [category for _, category in years.TITLES], "requires": []}
        yield Made(CourseChanged, f"course/{code}", 1, at, about | asked)
    for title, category in years.TITLES:
        model = {"title": title, "category": category, "required_courses": ["C1", "C2"]}
        yield Made(TitleChanged, f"title/{title}", 1, at, model)


async def _frozen(units: Units, report: UUID) -> None:
    """Waits until the service has made it. Raises TimeoutError."""
    state = select(Report).where(col(Report.id) == report)
    began = time.perf_counter()
    while time.perf_counter() - began < LONGEST_WAIT:
        async with units.system() as unit:
            if (await unit.one(state))["state"] == "frozen":
                return
        await asyncio.sleep(0.2)
    raise TimeoutError("no report was frozen")


def _pages(year: int, report: str) -> dict[str, Pages]:
    days = f"from={date(year, 1, 1)}&to={date(year, 12, 31)}"
    everybodys = _read_by_all(days)
    home = {"follow-up": ["/uppfoljning"]}
    read = everybodys | home | _of_reports(days, report) | _beside(year)
    return {
        "coordinator": read | _of_office(year, report),
        "funder": read,
        "municipality": everybodys | {"promise": ["/uppfoljning/atagande"], "coverage": ["/uppfoljning/tackning"]},
        "evaluator": everybodys | home,
    }


def _read_by_all(days: str) -> Pages:
    return {
        "figures of a year": [f"/uppfoljning/siffror?{days}"],
        "figures of a municipality": [f"/uppfoljning/siffror?{days}&municipality={LARGE}"],
        "figures of a course": [f"/uppfoljning/siffror?{days}&course=C1"],
        "co-financing": ["/uppfoljning/samfinansiering"],
        "reports": ["/uppfoljning/rapporter"],
        "checking a file": [f"/uppfoljning/kontrollera-fil?sha256={'0' * 64}"],
    }


def _of_reports(days: str, report: str) -> Pages:
    return {
        "one report": [report],
        "a report's figures": [f"{report}/siffror"],
        "promise": ["/uppfoljning/atagande"],
        "rows behind a figure": [f"/uppfoljning/underlag?figure={FIGURE}&{days}"],
        "rows behind a report's figure": [f"{report}/underlag?figure={FIGURE}"],
        "a report verified": [f"{report}/kontroll"],
    }


def _beside(year: int) -> Pages:
    return {
        "economy": [f"/uppfoljning/ekonomi?year={year}"],
        "indicators": ["/uppfoljning/indikatorer"],
        "goals": ["/uppfoljning/mal"],
        "competence": [f"/uppfoljning/kompetens/{year}"],
    }


def _of_office(year: int, report: str) -> Pages:
    new = "/uppfoljning/rapporter/ny"
    return {
        "ordering a report, step 1": [new],
        "ordering a report, step 2": [f"{new}/period?kind=progress"],
        "ordering a report, step 3": [f"{new}/kontrollera?kind=progress&period={year}&language=sv"],
        "what the statistics file lacks": [f"{new}/statistikfil?period={year}"],
        "a new version": [f"{report}/ny-version"],
        "unmatched hours": ["/uppfoljning/omatchade"],
        "coverage": ["/uppfoljning/tackning", "/uppfoljning/tackning?shown=all"],
        "changing goals": ["/uppfoljning/mal/andra"],
        "activities": ["/uppfoljning/aktiviteter"],
        "entering an activity": ["/uppfoljning/aktiviteter/ny"],
        "scenarios": ["/uppfoljning/scenarier?fixed_costs=1000000&cost_per_session=8000&sessions=300"],
        "schedules": ["/uppfoljning/scheman", "/uppfoljning/scheman/nytt"],
        "survey results": ["/uppfoljning/enkater"],
        "survey results of a course": ["/uppfoljning/enkater?course=C1"],
        "uploading economy": ["/uppfoljning/ekonomi/fil"],
        "log of reporting": ["/uppfoljning/logg"],
        "operation of reporting": ["/uppfoljning/drift"],
    }
