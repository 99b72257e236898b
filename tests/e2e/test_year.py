"""A small year through HTTP, by the demo's actors: every answer and every figure as the demo's own book has it.

Every message comes twice and every first attempt of a handler fails.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from rich.console import Console

from infra.demo import run
from infra.demo.actors import REPORT_FORMATS
from infra.demo.book import Book
from infra.demo.cast import Cast
from infra.demo.enter_fortnight import enter_fortnight
from infra.demo.fortnight import HOME, TRAINER
from infra.demo.plan import TINY
from infra.demo.progress import Steps
from infra.demo.stage import Stage
from infra.demo.year import plan_year
from shared.security.roles import Role
from tests.support.browsers import browser
from tests.support.services import Origin

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
SEED = 11


def new_stage(cast: Cast) -> Stage:
    year = plan_year(SEED, TINY)
    return Stage(year, Book(year), cast, Steps(Console(quiet=True)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def entered(cast: Cast) -> Stage:
    """The year and the days around today, entered once for this module."""
    stage = new_stage(cast)
    await run.enter_year(stage)
    await enter_fortnight(stage)
    return stage


async def test_every_answer_and_every_figure_is_what_the_book_says(entered: Stage) -> None:
    outcome = await run.check(entered)
    assert outcome.differences == []
    assert outcome.figures["unique_participants"]["total"] == TINY.attendees
    assert outcome.compared > 250


async def test_entering_the_same_year_again_changes_nothing(entered: Stage, cast: Cast) -> None:
    before = (await run.check(entered)).figures
    again = new_stage(cast)
    await run.enter_year(again)
    await enter_fortnight(again)
    outcome = await run.check(again)
    assert outcome.differences == []
    assert {**outcome.figures, "cut_off": None, "data_as_of": None} == {**before, "cut_off": None, "data_as_of": None}


async def test_another_year_is_refused_before_anything_is_written(entered: Stage) -> None:
    year = plan_year(SEED + 1, TINY)
    other = replace(entered, year=year, book=Book(year), trainers={}, staff={}, repeated=False)
    with pytest.raises(run.OtherDataError):
        await run.enter_year(other)


async def test_the_frozen_report_states_the_books_figures_in_every_format(entered: Stage, tmp_path: Path) -> None:
    files = await run.freeze_reports(entered, tmp_path)
    assert [path.suffix for path in files] == [f".{form}" for form in REPORT_FORMATS]
    assert all(path.stat().st_size > 500 for path in files)
    report = json.loads((tmp_path / "progress-report-2025.json").read_text(encoding="utf-8"))
    assert list(run.compare_figures(entered.book, report["figures"])) == []


async def test_the_funder_reads_the_same_cofinancing_as_the_office(entered: Stage, cast: Cast) -> None:
    read = await cast.funder.cofinancing(as_of="2025-12-31")
    assert list(run.compare_cofinancing(entered.book, read)) == []
    assert read["project"]["attested_minutes"] == sum(row["attested_minutes"] for row in read["municipalities"])


async def test_every_decision_about_a_waiting_list_is_explained(entered: Stage, cast: Cast) -> None:
    moved = [book for book in entered.book.sessions.values() if book.promoted]
    assert moved
    for book in moved:
        queue = await cast.coordinator.queue(book.session_id)
        promotions = [decision for decision in queue.decisions if decision.decision == "promoted"]
        assert promotions
        assert all(decision.reason for decision in queue.decisions)
        assert len(queue.entries) >= (1 if book.waiting else 0)


async def test_a_sealed_roll_can_be_shown_to_the_funder(entered: Stage, cast: Cast) -> None:
    corrected = next(book for book in entered.book.sessions.values() if book.plan.corrections)
    seals = await cast.funder.seals(corrected.session_id)
    versions = seals["items"] if isinstance(seals, dict) else seals
    assert len(versions) == 1 + len(corrected.plan.corrections)


async def test_the_fortnight_leaves_something_on_each_home(entered: Stage, cast: Cast, origin: Origin) -> None:
    assert entered.fortnight is not None
    yesterday, today = entered.fortnight.sessions[1:3]
    async with browser(origin, Role.MUNICIPALITY, municipality=HOME) as municipality:
        page = (await municipality.get("/")).text
        here = [key for key in entered.book.sessions[today.key].confirmed if key.startswith(HOME)]
        assert here
        assert all(entered.year.staff[key].person.family_name in page for key in here)
        assert today.course.title in page
    async with browser(origin, Role.COORDINATOR) as office:
        page = (await office.get("/")).text
        assert "Ingen utbildningsledare" in page
        assert "För få" in page
    trainer = cast.trainer(entered.trainers[TRAINER])
    rolls = [item["state"] async for item in trainer.api.listing("/attendance/v1/sessions", from_=yesterday.first_day)]
    assert rolls
    assert set(rolls) == {"open"}
    assert [one.session_id for one in await cast.coordinator.conflicts()] == [
        entered.book.sessions[yesterday.key].session_id
    ]
