"""Each number that a frozen report shows leads to rows that make it, in every kind that tells exact figures."""

import json

import pytest

from services.reporting.drill.measures import leads_to_rows
from services.reporting.drill.of_report import rows_of_figure
from services.reporting.report_pages.own_figures import own_sections
from services.reporting.reports.content import Json
from services.reporting.reports.freeze import Frozen
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.presentation import Section
from shared.web.pages.languages import LANGUAGE
from tests.support import frozen as support
from tests.support.reports import order
from tests.support.story import Story, at, employment

OF_ALL = [kind.name for kind in KINDS.values() if not kind.released and not kind.of_one_municipality]


def frozen(kind: str, municipality: str | None = None) -> Frozen:
    story = Story()
    story.project()
    story.municipality("1884", (60_000, "2025-01-01"), name="Nora")
    session = story.session("s", (at("2025-03-03"), 180), capacity=20)
    for who, code in (("Ada", "1884"), ("Bea", "1884"), ("Cia", "1885")):
        story.person(who, employment(who, code))
        story.confirmed(session, who, at_employer=code)
    story.attest(session, ("Ada", 180), ("Bea", 100), ("Cia", 60))
    for _ in range(4):
        story.answer(session, helped="high", confidence=5)
    story.answer(session, "manager", used=4)
    given: Json = {"goals": []} if kind == "final" else {}
    return support.frozen(order(kind=kind, municipality=municipality), story.facts(), given)


def shown(sections: list[Section]) -> dict[str, int]:
    cells = [cell for one in sections for table in one.tables for row in table.rows for cell in row.cells]
    return {cell.path: int(cell.figure) for cell in cells if leads_to_rows(cell.path) and cell.value is not None}


@pytest.mark.parametrize("kind", [*(one for one in OF_ALL if one != "statistics-file"), "municipality"])
def test_what_a_report_shows_is_its_rows(kind: str) -> None:
    one = frozen(kind, "1884" if kind == "municipality" else None)
    numbers = shown(own_sections(one.content))
    assert len(numbers) > 20
    for path, value in numbers.items():
        told = rows_of_figure(one.content.document(), one.rows, path)
        assert told is not None, path
        assert told[0] == value, path
        rows = [row for _, row in told[1]]
        assert (
            sum(row["minutes"] for row in rows if "minutes" in row) == value
            or len(rows) == value
            or (path == "seats.offered" and sum(row["capacity"] for row in rows) == value)
        ), path


def test_the_final_report_leads_to_who_its_indicators_count() -> None:
    one = frozen("final")
    numbers = shown(own_sections(one.content))
    assert numbers["EECO01.total"] == 3
    told = rows_of_figure(one.content.document(), one.rows, "EECO01.woman")
    assert told is not None
    assert {row["day"].isoformat() for _, row in told[1]} == {"2025-03-03"}


def test_its_indicators_are_told_in_the_language_of_who_reads_them() -> None:
    content = frozen("final").content
    assert content.order.language == "sv"
    before = LANGUAGE.set("en")
    [table] = own_sections(content)[-1].tables
    LANGUAGE.reset(before)
    assert (table.caption, table.header[:3]) == ("EU common output indicators", ("Indicator", "Women", "Men"))
    assert table.rows[0].label == "EECO01 Participants in all"


def test_what_too_few_have_answered_is_not_told_and_what_nobody_did_is_nothing() -> None:
    one = frozen("progress")
    stored = json.loads(json.dumps(one.content.document()))
    assert rows_of_figure(stored, one.rows, "surveys.participant.helped.high") is None
    assert rows_of_figure(stored, one.rows, "participations.by_municipality.1880") == (0, [])
    own = frozen("municipality", "1884")
    assert rows_of_figure(own.content.document(), own.rows, "seats.offered") is None
    assert rows_of_figure(own.content.document(), own.rows, "surveys.participant.answered") is None


@pytest.mark.parametrize("value", [4, 3])
def test_no_value_of_a_question_leads_around_its_few_answers(value: int) -> None:
    """The values of a question that too few have answered stand in no report: neither the one that was given, with its
    row, nor, as 0, one that was not.
    """
    one = frozen("progress")
    figure = f"surveys.manager.questions.used.values.{value}"
    assert rows_of_figure(one.content.document(), one.rows, figure) is None


def test_a_municipalitys_report_leads_to_no_other_one() -> None:
    own = frozen("municipality", "1884")
    figure = "cofinancing.municipalities.1885.attested_minutes"
    assert rows_of_figure(own.content.document(), own.rows, figure) is None


def test_rounded_figures_are_shown_without_a_co_financing_by_municipality() -> None:
    assert shown(own_sections(frozen("evaluation").content))["sessions.held"] == 1
