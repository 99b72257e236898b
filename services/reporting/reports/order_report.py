"""Ordering a report: it is checked now and built after, from what is known then and at least now."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from services.reporting.days import Period
from services.reporting.figures.asking import counting
from services.reporting.figures.figures import cut_off_now
from services.reporting.figures.problems import too_fine
from services.reporting.figures.project import knows_municipality, project_period
from services.reporting.reports import queries
from services.reporting.reports.bodies import ReportBody
from services.reporting.reports.build_report import BUILDING
from services.reporting.reports.forms import unknown_headings
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.periods import PROJECT, period_of, whole_months
from services.reporting.reports.problems import not_frozen
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.jobs.queue import enqueue
from shared.web.problems import FieldError, Problem, conflict, invalid


async def order_report(unit: Unit, body: ReportBody) -> UUID:
    """Queues a report and returns its id. Raises 422 for what cannot be reported, 409 when another version follows
    already.
    """
    await check_order(unit, body)
    version = await _version(unit, body)
    report_id = unit.ids.uuid7()
    order: Mapping[str, Any] = {
        "id": report_id,
        "kind": body.kind,
        "version": version,
        "supersedes": body.supersedes,
        "period": body.period,
        "municipality": body.municipality,
        "language": body.language,
        "texts": body.texts,
        "created_at": unit.recorded_at,
        "created_by": unit.actor,
        "cut_off": {} if KINDS[body.kind].released else await cut_off_now(unit),
    }
    await queries.add(unit, order)
    await enqueue(unit, BUILDING, {"report": report_id})
    return report_id


async def check_order(unit: Unit, body: ReportBody) -> None:
    """Raises 422 for what cannot be reported."""
    at = await counting(unit)
    _check(body, known=body.municipality is None or await knows_municipality(unit, at, body.municipality))
    project, kind = await project_period(unit, at), KINDS[body.kind]
    check_period(body.period, project, local_day(unit.recorded_at))
    period = period_of(body.period, project)
    if kind.released and not whole_months(period):
        raise too_fine("/period")
    if kind.given is not None:
        await kind.given(unit, at, period.days)


def _check(body: ReportBody, *, known: bool) -> None:
    errors = []
    if KINDS[body.kind].of_one_municipality and body.municipality is None:
        errors.append(
            FieldError("/municipality", "missing", "Ange vilken kommun den gäller.", "Say which municipality it is of.")
        )
    errors += unknown_headings(body.kind, body.texts)
    if not known:
        errors.append(
            FieldError(
                "/municipality",
                "unknown",
                "Kommunen finns inte i projektet. Kontrollera koden.",
                "The project has no such municipality. Check the code.",
            )
        )
    if errors:
        raise invalid(*errors)


def check_period(written: str, project: Period | None, today: date) -> None:
    """Raises 422 for a period outside the project or not begun. One under way is allowed: the report says so."""
    if project is None:
        if written == PROJECT:
            raise _wrong_period(
                "period-outside-project",
                "Projektets period är inte känd än. Ange den i projektets uppgifter.",
                "The project's period is not known yet. State it in the project's settings.",
            )
        return
    period = period_of(written, project)
    if period.last < project.first or period.first > project.last:
        raise _wrong_period(
            "period-outside-project",
            f"Perioden ligger utanför projektet, som pågår {project.first} – {project.last}. Välj en som ligger i det.",
            f"The period lies outside the project, {project.first} – {project.last}. Choose one that lies in it.",
        )
    if period.first > today:
        raise _wrong_period(
            "period-not-begun",
            f"Perioden börjar {period.first}. Beställ rapporten när den har börjat.",
            f"The period begins on {period.first}. Order the report once it has begun.",
        )


def _wrong_period(name: str, sv: str, en: str) -> Problem:
    return Problem(name, 422, sv, en, [FieldError("/period", name, sv, en)])


async def _version(unit: Unit, body: ReportBody) -> int:
    """1, or the one after the report that is superseded."""
    if body.supersedes is None:
        return 1
    old = await queries.report(unit, body.supersedes, lock=True)
    if old is None:
        raise invalid(
            FieldError(
                "/supersedes",
                "unknown",
                "Rapporten finns inte. Kontrollera id:t.",
                "There is no such report. Check the id.",
            )
        )
    if not _same_subject(old, body):
        raise invalid(
            FieldError(
                "/supersedes",
                "other-report",
                "En ny version gäller samma sorts rapport, samma period och samma kommun som den den ersätter.",
                "A new version is of the same kind, period and municipality as the one it supersedes.",
            )
        )
    if old["state"] != "frozen":
        raise not_frozen(old)
    newer = await queries.followed_by(unit, body.supersedes)
    if newer is not None:
        raise conflict(
            "report-superseded",
            f"Rapporten är redan ersatt av {newer}. Ersätt den i stället.",
            f"The report is already superseded by {newer}. Supersede that one instead.",
            superseded_by=str(newer),
        )
    return int(old["version"]) + 1


def _same_subject(old: RowMapping, body: ReportBody) -> bool:
    return (old["kind"], old["period"], old["municipality"]) == (body.kind, body.period, body.municipality)
