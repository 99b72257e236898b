"""The whole demo: enter the year, wait until everything has arrived, check every figure, freeze the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from infra.demo import recomputation
from infra.demo.actors import REPORT_FORMATS, Coordinator
from infra.demo.api import ApiError
from infra.demo.book import Book, Difference
from infra.demo.catalogue import PROJECT_NAME, YEAR
from infra.demo.enter_beside import enter_beside
from infra.demo.enter_bookings import enter_project, enter_registrations, enter_sessions, enter_staff
from infra.demo.enter_rolls import enter_rolls, enter_surveys
from infra.demo.enter_signatures import certify, sign_on_paper
from infra.demo.payloads import course
from infra.demo.recomputation import THE_YEAR, Days
from infra.demo.stage import Stage, settle

REPORT_SECONDS = 60.0
POLL_SECONDS = 0.1
REPORTS: Final[Sequence[dict[str, Any]]] = (
    {"kind": "progress", "period": str(YEAR)},
    {"kind": "attendance-certificates", "period": f"{YEAR}-11"},
    {"kind": "participants", "period": str(YEAR)},
    {"kind": "statistics-file", "period": str(YEAR)},
    {"kind": "municipality", "period": str(YEAR), "municipality": "1880"},
    {"kind": "evaluation", "period": str(YEAR)},
    {"kind": "final", "period": "project"},
)
"""One of each kind."""


class OtherDataError(Exception):
    """The stack holds data that the demo did not enter."""


class ReportError(Exception):
    """The progress report could not be frozen, or does not prove what it says."""


@dataclass(frozen=True)
class Outcome:
    """What the demo made, and how it compares with the demo's own book."""

    figures: dict[str, Any]
    cofinancing: dict[str, Any]
    compared: int
    differences: list[Difference]


async def enter_year(stage: Stage) -> None:
    """Everything that Kompetensnavet did in the year, through the public API."""
    await refuse_other_data(stage)
    await enter_project(stage)
    await enter_staff(stage)
    sessions = stage.year.sessions
    await enter_sessions(stage, sessions, "Sessions")
    await enter_registrations(stage, sessions, "Registrations and cancellations")
    await settle(stage, "Bookings on their way to the rolls")
    await enter_rolls(stage, sessions, "Rolls marked and attested")
    await enter_surveys(stage)
    await sign_on_paper(stage)
    await certify(stage)
    await settle(stage, "Hours on their way to the figures")
    await enter_beside(stage)


async def refuse_other_data(stage: Stage) -> None:
    """A stack that another plan filled is left as it is; one that this plan filled is entered again without effect.

    Raises OtherDataError before anything was written.
    """
    office = stage.cast.coordinator
    existing = [item["code"] async for item in office.api.listing("/booking/v1/courses")]
    if not existing:
        await _refuse_other_project(office)
        return
    first = stage.year.courses[0]
    try:
        await office.add_course(course(first), key=stage.key("course", first.code))
    except ApiError as error:
        if error.status not in (409, 422):
            raise
        raise OtherDataError(f"there are already {len(existing)} courses of somebody else's ({error.name})") from error
    stage.repeated = True


async def _refuse_other_project(office: Coordinator) -> None:
    try:
        name = (await office.api.get("/booking/v1/project"))["name"]
    except ApiError as error:
        if error.status != 404:
            raise
        return
    if name != PROJECT_NAME:
        raise OtherDataError(f"the project there is “{name}”")


async def check(stage: Stage) -> Outcome:
    """Reporting's answers beside the book: every difference, those met on the way included."""
    office, book = stage.cast.coordinator, stage.book
    figures, cofinancing = await _asked(office, THE_YEAR, THE_YEAR[1])
    found = [*book.differences, *compare_figures(book, figures), *compare_cofinancing(book, cofinancing)]
    compared = _leaves(recomputation.figures(book)) + _leaves(recomputation.cofinancing(book))
    if fortnight := stage.fortnight:
        days, today = (fortnight.first, fortnight.last), fortnight.today
        running, standing = await _asked(office, days, today)
        found += [*compare_figures(book, running, days), *compare_cofinancing(book, standing, today)]
        compared += _leaves(recomputation.figures(book, days)) + _leaves(recomputation.cofinancing(book, today))
    return Outcome(figures, cofinancing, compared, found)


async def _asked(office: Coordinator, days: Days, as_of: date) -> tuple[dict[str, Any], dict[str, Any]]:
    first, last = (day.isoformat() for day in days)
    return await office.figures(from_=first, to=last), await office.cofinancing(as_of=as_of.isoformat())


def compare_figures(book: Book, found: dict[str, Any], days: Days = THE_YEAR) -> Iterator[Difference]:
    ours = recomputation.figures(book, days)
    yield from recomputation.differences("figures", ours, found)
    for measure in ("unique_participants", "participations"):
        expected, answered = ours[measure], found[measure]
        for name in (name for name in expected if name.startswith("by_")):
            yield from recomputation.surplus(f"figures.{measure}.{name}", expected[name], answered[name])


def compare_cofinancing(book: Book, found: dict[str, Any], as_of: date = THE_YEAR[1]) -> Iterator[Difference]:
    """The project's line and each municipality's."""
    expected = recomputation.cofinancing(book, as_of)
    yield from recomputation.differences("cofinancing.project", expected["project"], found["project"])
    rows = {row["code"]: row for row in found["municipalities"]}
    wanted = {row["code"]: row for row in expected["municipalities"]}
    yield from recomputation.differences("cofinancing.municipalities", wanted, rows)
    yield from recomputation.surplus("cofinancing.municipalities", wanted, rows)


def _leaves(tree: Any) -> int:
    if isinstance(tree, dict):
        return sum(_leaves(value) for value in tree.values())
    return sum(_leaves(value) for value in tree) if isinstance(tree, list) else 1


async def freeze_reports(stage: Stage, folder: Path) -> list[Path]:
    """A report of every kind, each verified by the service; returns the year's progress report in every format.

    Raises ReportError.
    """
    office = stage.cast.coordinator
    folder.mkdir(parents=True, exist_ok=True)
    with stage.steps.step("Frozen reports", len(REPORTS)) as step:
        reports = {order["kind"]: await _order(stage, order) for order in REPORTS}
        for kind, report in reports.items():
            await _frozen(office, report)
            verified = await office.verify(report)
            if not (verified.reconciles and verified.hash_matches):
                raise ReportError(f"the report {kind} does not prove its figures: {verified.problems}")
            step.advance()
    files = []
    for form in REPORT_FORMATS:
        path = folder / f"progress-report-{YEAR}.{form}"
        path.write_bytes(await office.report_file(reports["progress"], form))
        files.append(path)
    return files


async def _order(stage: Stage, order: dict[str, Any]) -> UUID:
    key = stage.key("report", order["kind"], order["period"])
    return await stage.cast.coordinator.order_report({"language": "sv", **order}, key=key)


async def _frozen(office: Coordinator, report: UUID) -> None:
    deadline = time.monotonic() + REPORT_SECONDS
    while (state := (await office.report(report)).state) != "frozen":
        if state == "failed" or time.monotonic() > deadline:
            raise ReportError(f"the report is {state} and will not be frozen: see the log of reporting")
        await asyncio.sleep(POLL_SECONDS)
