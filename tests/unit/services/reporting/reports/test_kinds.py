"""Each kind of report: its rows and sums with numbers made by hand, and every format saying the same."""

import csv
import json
from dataclasses import replace
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from services.reporting.reports.content import Json
from services.reporting.reports.freeze import Frozen, content_from
from services.reporting.reports.kinds import statistics
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.listed import Listed, shown_in
from services.reporting.reports.reconcile import problems_of
from services.reporting.reports.verify import verify
from services.reporting.statistics_file.rules import DEFAULT, ToFix, in_force
from tests.support import frozen as support
from tests.support.reports import order
from tests.support.story import Story, at, employment, id_of

GOALS = [
    {
        "goal": "Fler är trygga i sin roll",
        "level": "Projektmål",
        "indicators": [
            {"name": "Kursminuter", "target": 600, "figure": "minutes.attested", "value": None},
            {"name": "Kommuner med rutin", "target": 12, "figure": None, "value": 9},
            {"name": "Handbok", "target": "klar", "figure": None, "value": "tryckt"},
        ],
    },
    {"goal": "Samverkan lever vidare", "level": "Effektmål", "indicators": []},
]
GIVEN: dict[str, Json] = {"statistics-file": {"template": dict(DEFAULT[0])}, "final": {"goals": GOALS}}
LISTING = ("attendance-certificates", "participants", "statistics-file", "evaluation", "final")


def a_year() -> Story:
    """Ada is of 1884 and Cia of 1885; Bea moves from 1884 to 1885 in the summer. Two hours signed by Ada."""
    story = Story()
    story.project(("rounding", {"unit_minutes": 30, "mode": "down", "per": "person_month"}, "2025-01-01"))
    story.municipality("1884", name="Nora")
    story.municipality("1885", name="Lindesberg")
    story.person("Ada", employment("Ada", "1884", title="nurse", category="licensed"), gender="woman", birth_year=1980)
    story.person(
        "Bea",
        employment("Bea", "1884", until="2025-06-30"),
        employment("Bea", "1885", since="2025-07-01"),
        gender="man",
        birth_year=2000,
    )
    story.person("Cia", employment("Cia", "1885"), gender="unknown", birth_year=None)
    for name, day in (("march", "2025-03-03"), ("october", "2025-10-06")):
        session = story.session(name, (at(day), 180), course="TR1")
        for who, code in (("Ada", "1884"), ("Bea", "1884"), ("Cia", "1885")):
            story.confirmed(session, who, at_employer=code)
        story.attest(session, ("Ada", 120), ("Bea", 100), ("Cia", 0 if name == "march" else 45))
        if name == "march":
            story.sign("Ada", "2025-03", (session, 120))
    return story


def frozen(kind: str, story: Story | None = None, **changes: Any) -> Frozen:
    municipality = {"municipality": "1884"} if KINDS[kind].of_one_municipality else {}
    facts = (story or a_year()).facts()
    return support.frozen(order(kind=kind, **{**municipality, **changes}), facts, GIVEN.get(kind))


def listed(report: Frozen, name: str) -> Listed:
    return next(one for one in report.content.lists if one.name == name)


def who(name: str) -> str:
    return str(id_of(name))


def by_person(one: Listed) -> dict[Any, list[tuple[Any, ...]]]:
    rows: dict[Any, list[tuple[Any, ...]]] = {}
    for row in one.rows:
        rows.setdefault(row[0], []).append(row[1:])
    return rows


def test_the_compilation_has_a_row_for_each_person_with_time() -> None:
    rows = by_person(listed(frozen("participants"), "participants"))
    days = ("2025-03-03", "2025-10-06")
    base = ("Undersköterska", "Baspersonal")
    assert rows == {
        who("Ada"): [("Kvinna", "30–54 år", "Nora", "Sjuksköterska", "Legitimerad personal", *days, 2, 240)],
        who("Bea"): [("Man", "18–29 år", "Nora, Lindesberg", *base, *days, 2, 200)],
        who("Cia"): [("Uppgift saknas", "Uppgift saknas", "Lindesberg", *base, days[1], days[1], 1, 45)],
    }


def test_a_certificate_is_of_a_person_a_month_and_an_employer_and_rounds_as_the_project_does() -> None:
    report = frozen("attendance-certificates")
    months = by_person(listed(report, "months"))
    assert months[who("Ada")] == [("2025-03", "Nora", 1, 120, 120, 120), ("2025-10", "Nora", 1, 120, 0, 120)]
    assert months[who("Bea")] == [("2025-03", "Nora", 1, 100, 0, 90), ("2025-10", "Lindesberg", 1, 100, 0, 90)]
    assert months[who("Cia")] == [("2025-10", "Lindesberg", 1, 45, 0, 30)]
    assert report.content.figures["minutes"]["claimable"] == 120 + 120 + 90 + 90 + 30
    occasions = by_person(listed(report, "occasions"))
    assert occasions[who("Ada")] == [
        ("2025-03-03", "TR1", "Nora", 120, "ja"),
        ("2025-10-06", "TR1", "Nora", 120, "nej"),
    ]


def test_the_statistics_file_has_the_columns_of_its_template_and_no_number() -> None:
    report = frozen("statistics-file")
    one = listed(report, "statistics-file")
    assert [column.title for column in one.columns][1:] == [column["name"] for column in DEFAULT[0]["columns"]]
    assert by_person(one)[who("Ada")] == [("{personal_number}", "2025-03-03", "2025-10-06", "4,0", "1884")]
    assert report.content.document()["given"]["template"]["version"] == "1"


def test_a_dry_run_names_the_person_the_column_and_why() -> None:
    columns = [
        {"name": "Kön", "source": "gender", "required": True, "codes": {"woman": "2", "man": "1"}},
        {"name": "Födelseår", "source": "birth_year", "required": True},
        {"name": "Yrke", "source": "title", "required": True, "codes": {"nurse": "2221"}},
        {"name": "Projekt", "source": "constant", "required": True, "value": "2024-123"},
        {"name": "Ålder", "source": "age_group", "required": False},
    ]
    given = {"template": {"version": "2", "valid_from": "2025-01-01", "columns": columns}}
    facts = a_year().facts()
    content = content_from(order(kind="statistics-file"), facts, (), given)
    faults = statistics.lacking(facts, content)
    assert sorted(faults, key=lambda one: (one.participant_id, one.field)) == sorted(
        [
            ToFix(who("Cia"), "Kön", "missing"),
            ToFix(who("Cia"), "Födelseår", "missing"),
            ToFix(who("Cia"), "Yrke", "no-code"),
            ToFix(who("Bea"), "Yrke", "no-code"),
        ],
        key=lambda one: (one.participant_id, one.field),
    )
    [rows] = content.lists
    assert by_person(rows)[who("Ada")] == [("2", 1980, "2221", "2024-123", "30_54")]


def test_the_version_in_force_is_the_latest_that_has_begun() -> None:
    versions = [{"version": name, "valid_from": day} for name, day in (("2", "2026-01-01"), ("1", "2025-01-01"))]
    found = [in_force(versions, day) for day in ("2024-12-31", "2025-12-31", "2026-01-01")]
    assert [one and one["version"] for one in found] == [None, "1", "2"]


def test_the_municipality_report_is_of_its_own_people_and_sessions() -> None:
    content = frozen("municipality").content
    assert content.figures["minutes"]["attested"] == 120 + 120 + 100
    assert content.figures["unique_participants"]["total"] == 2
    assert [one["code"] for one in content.cofinancing["municipalities"]] == ["1884"]


def test_the_final_report_has_goals_with_what_was_reached_and_the_common_indicators() -> None:
    report = frozen("final", texts={"results": "Bra.", "equality": "Lika."})
    assert [row[2:] for row in listed(report, "goals").rows] == [
        ("Kursminuter", "600 minuter", "485 minuter"),
        ("Kommuner med rutin", "12", "9"),
        ("Handbok", "klar", "tryckt"),
        (None, None, None),
    ]
    counted = {str(row[0])[:6]: row[1:] for row in listed(report, "indicators").rows}
    assert counted["EECO01"] == counted["EECO05"] == (1, 1, 0, 1, 3)
    assert (counted["EECO07"], counted["EECO08"]) == ((0, 1, 0, 0, 1), (0, 0, 0, 0, 0))
    page = report.files["html"].decode()
    assert page.index("Resultat och effekter</h2>") < page.index("Horisontella principer: jämställdhet</h2>")


def crowd(people: int) -> Story:
    """So many of 1884, each there once; one of them also in June."""
    story = Story()
    story.project()
    story.municipality("1884", name="Nora")
    session, june = story.session("march", (at("2025-03-03"), 180)), story.session("june", (at("2025-06-02"), 180))
    for number in range(people):
        story.person(f"p{number}", employment(f"p{number}", "1884"))
        story.confirmed(session, f"p{number}", at_employer="1884")
    story.attest(session, *((f"p{number}", 100) for number in range(people)))
    story.attended(june, "p0", 180, at_employer="1884")
    return story


def test_the_evaluation_tells_rounded_figures_and_no_id_and_no_day() -> None:
    report = frozen("evaluation", crowd(13))
    document = report.content.document()
    assert document["figures"]["unique_participants"]["total"] == 15
    assert document["figures"]["minutes"]["attested"] == 1500  # 1,480, to the nearest 300
    months = {one["month"]: one["attested"] for one in document["months"]}
    assert (months["2025-03"], months["2025-06"], months["2025-07"]) == (1200, None, None)
    assert (document["cofinancing"], document["cut_off"]) == ({}, {})
    assert document["rows"]["count"] % 5 == 0
    assert [row[2:] for row in listed(report, "courses").rows] == [(15, 15, 1500)]
    text = json.dumps(document["rows"]["lists"])
    assert not [number for number in range(13) if who(f"p{number}") in text]
    assert "2025-03-03" not in text
    shown = {name: content.decode("latin-1") for name, content in report.files.items() if name != "pdf"}
    assert not [name for name, text in shown.items() if who("p0") in text]


def test_groups_that_round_to_nothing_are_left_out_of_an_evaluation() -> None:
    report = frozen("evaluation", crowd(2))
    assert [one.rows for one in report.content.lists] == [(), (), ()]
    assert report.content.figures["minutes"]["attested"] is None
    assert "/minutes/attested" in report.content.figures["suppressed"]


def test_what_rounds_to_nothing_stands_in_no_format_as_a_0() -> None:
    """Two people, four participations: 0 and 5 to the nearest 5."""
    story = crowd(13)
    for name in ("spring", "autumn"):
        session = story.session(name, (at("2025-04-01" if name == "spring" else "2025-09-01"), 60))
        for one in ("Ada", "Bea"):
            story.person(one, employment(one, "1885"))
            story.confirmed(session, one, at_employer="1885")
        story.attest(session, ("Ada", 60), ("Bea", 60))
    report = frozen("evaluation", story)
    figures, page = report.content.figures, report.files["html"].decode()
    assert "1885" not in figures["unique_participants"]["by_municipality"]
    assert 'data-figure="unique_participants.by_municipality.1885" value=""' in page
    assert 'data-figure="participations.by_municipality.1885" value="5"' in page


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_fact_makes_verify_fail(kind: str) -> None:
    report = frozen(kind, crowd(12) if kind == "evaluation" else None)
    digests = dict.fromkeys(report.files, ("then", "then"))
    document = json.loads(report.files["json"])
    found = verify(document, report.rows, digests)
    assert (found.reconciles, found.hash_matches, found.problems) == (True, True, [])
    minutes, others = '"minutes":100', '"minutes":999'
    at_fault = next(number for number, row in enumerate(report.rows) if row.kind == "rolls" and minutes in row.text)
    changed = list(report.rows)
    changed[at_fault] = replace(changed[at_fault], text=changed[at_fault].text.replace(minutes, others, 1))
    found = verify(document, changed, digests)
    assert (found.reconciles, found.hash_matches) == (False, False)


@pytest.mark.parametrize("kind", LISTING)
def test_a_changed_row_of_a_list_is_found(kind: str) -> None:
    report = frozen(kind, crowd(12))
    document = json.loads(report.files["json"])
    document["rows"]["lists"][0]["rows"][0][-1] = "999"
    found = verify(document, report.rows, dict.fromkeys(report.files, ("then", "then")))
    assert not found.reconciles
    assert any(problem.startswith("lists.") for problem in found.problems)


def test_a_list_whose_parts_do_not_sum_to_the_figures_is_not_issued() -> None:
    content = frozen("participants").content
    [one] = content.lists
    problems = problems_of(replace(content, lists=(replace(one, rows=one.rows[:-1]),)))
    assert len(problems) == 3
    assert "lists.participants rows: the parts sum to 2, the total says 3" in problems


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", LISTING)
def test_every_format_of_a_list_says_the_same(kind: str, language: str) -> None:
    report = frozen(kind, crowd(12) if kind == "evaluation" else None, language=language)
    assert report.content.lists
    lists = json.loads(report.files["json"])["rows"]["lists"]
    assert [one["name"] for one in lists] == [one.name for one in report.content.lists]
    book = load_workbook(BytesIO(report.files["xlsx"]))
    lines = csv.reader(StringIO(report.files["csv"].decode("utf-8-sig")), delimiter=";" if language == "sv" else ",")
    cells = {path: value for path, value in lines if path.startswith("lists.")}
    pdf = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(report.files["pdf"])).pages).split())
    page = report.files["html"].decode()
    for one, stated in zip(report.content.lists, lists, strict=True):
        heads = [column.title for column in one.columns]
        [sheet] = [sheet for sheet in book.worksheets if [cell.value for cell in sheet[3]][: len(heads)] == heads]
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("B4", "$3:$3")
        rows = [[as_written(value) for value in row] for row in sheet.iter_rows(min_row=4, values_only=True)]
        assert rows == [list(row) for row in one.rows] == stated["rows"]
        for number, row in enumerate(one.rows, 1):
            for column, value in zip(one.columns, row, strict=True):
                assert cells.pop(f"lists.{one.name}.{number}.{column.name}") == ("" if value is None else str(value))
                assert "".join(shown_in(column, value).split()) in pdf
                assert shown_in(column, value) in page
    assert cells == {}


def as_written(value: Any) -> Any:
    return value.date().isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("kind", KINDS)
def test_the_pdf_of_each_kind_declares_that_it_is_accessible(kind: str) -> None:
    """The typesetter refuses to write a PDF that is no PDF/UA-1."""
    root: Any = PdfReader(BytesIO(frozen(kind).files["pdf"])).trailer["/Root"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"].value) == ("sv", True)
