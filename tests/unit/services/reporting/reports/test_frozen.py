"""Frozen: figures that agree with their rows, rows that can be checked later, versions that can be compared."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.reporting.recompute.model import FIGURES_VERSION, Elsewhere, Facts
from services.reporting.reports.changes import SOURCES, Change, Version, compare
from services.reporting.reports.content import content_of, flat
from services.reporting.reports.frame import present
from services.reporting.reports.freeze import DoesNotReconcile, Frozen, freeze, frozen_or_reason
from services.reporting.reports.reconcile import problems_of
from services.reporting.reports.rows import InputRow, facts_of, rows_of
from services.reporting.reports.verify import verify
from shared.messaging.delivery import Event
from tests.support import frozen as support
from tests.support.reports import order
from tests.support.story import Session, Story, at, employment, id_of

FORMATS = {"html", "pdf", "xlsx", "csv", "json"}


def a_year() -> Story:
    """Two people of 1884 and one of 1885 on sessions in March and October; one session in the year after."""
    story = Story()
    story.project(("rounding", {"unit_minutes": 30, "mode": "down", "per": "occasion"}, "2025-01-01"))
    story.municipality("1884", name="Nora")
    story.municipality("1885", name="Lindesberg")
    for who, code in (("Ada", "1884"), ("Bea", "1884"), ("Cia", "1885")):
        story.person(who, employment(who, code))
    for name, day in (("march", "2025-03-03"), ("october", "2025-10-06"), ("later", "2026-01-12")):
        session = story.session(name, (at(day), 180))
        for who, code in (("Ada", "1884"), ("Bea", "1884"), ("Cia", "1885")):
            story.confirmed(session, who, at_employer=code)
            story.mark(session, who, 180)
        story.attest(session, ("Ada", 180), ("Bea", 95), ("Cia", 0))
    return story


def told(story: Story, since: int = 0) -> list[Event]:
    return story.told[since:]


def frozen(facts: Facts, **changes: Any) -> Frozen:
    return support.frozen(order(**changes), facts)


def digests(report: Frozen, **changed: str) -> dict[str, tuple[str, str]]:
    return {name: ("then", changed.get(name, "then")) for name in report.files}


def version(report: Frozen) -> Version:
    return Version(report.content, report.rows)


def compared(old: Frozen, new: Frozen) -> tuple[dict[str, Change], list[str]]:
    comparison = compare(version(old), version(new))
    return {one.figure: one for one in comparison.changes}, comparison.resend


# --- freezing ---


def test_a_frozen_report_has_its_figures_rows_and_five_files() -> None:
    report = frozen(a_year().facts())
    assert report.content.figures["minutes"]["attested"] == 2 * 275
    assert report.content.figures["minutes"]["lost_to_rounding"] == 2 * 5
    assert report.content.figures["unique_participants"]["total"] == 2
    assert report.content.months[2] == {"month": "2025-03", "attested": 275}
    assert set(report.files) == FORMATS
    assert all(report.files.values())
    assert report.content.rule_versions["rounding"] == [
        {"value": {"unit_minutes": 30, "mode": "down", "per": "occasion"}, "valid_from": "2025-01-01"}
    ]


def test_rows_give_back_the_facts_they_were_made_of() -> None:
    facts = a_year().facts()
    rows = rows_of(facts)
    assert rows_of(facts_of(rows, facts.cut_off, facts.data_as_of)) == rows


def test_a_report_keeps_the_rows_of_its_days_and_sums_of_the_others() -> None:
    report = frozen(a_year().facts(), period="2025Q4")
    kept = facts_of(report.rows, {}, None)
    assert [one.session_id for one in kept.sessions] == [str(id_of("october"))]
    assert {one.session_id for one in kept.registrations} == {str(id_of("october"))}
    assert [one.session_id for one in kept.rolls] == [str(id_of("october"))]
    assert sorted((one.participant_id, f"{one.day}") for one in kept.first_days) == sorted(
        (str(id_of(who)), "2025-03-03") for who in ("Ada", "Bea")
    )
    march, later = Elsewhere("2025-03", "1884", 275, 0, 270, 360), Elsewhere("2026-01", "1884", 0, 0, 0, 360)
    assert {one for one in kept.elsewhere if one.municipality == "1884"} == {march, later}
    assert report.content.cofinancing["project"]["attested_minutes"] == 550


def test_rows_hold_no_name_and_no_number() -> None:
    keys = {key for row in rows_of(a_year().facts()) for key in row.value()}
    assert not keys & {"given_name", "family_name", "personal_number", "email", "phone", "employer_org_number"}


def test_a_rule_that_changes_within_the_period_stands_with_both_its_days() -> None:
    story = Story()
    story.project(
        ("signature_required", True, "2024-01-01"),
        ("signature_required", False, "2025-01-01"),
        ("signature_required", True, "2025-06-01"),
        ("signature_required", False, "2026-06-01"),
    )
    rules = frozen(story.facts()).content.rule_versions
    assert [one["valid_from"] for one in rules["signature_required"]] == ["2025-01-01", "2025-06-01"]


def test_a_report_of_one_municipality_names_only_itself_beside_the_project() -> None:
    content = frozen(a_year().facts(), municipality="1885").content
    assert [one["code"] for one in content.cofinancing["municipalities"]] == ["1885"]
    assert content.figures["minutes"]["attested"] == 0
    assert content.figures["surveys"] is None


@pytest.mark.parametrize("period", ["2025-11", "2025Q4"])
def test_a_shorter_period_has_its_own_figures(period: str) -> None:
    report = frozen(a_year().facts(), period=period)
    assert report.content.figures["minutes"]["attested"] == (275 if period == "2025Q4" else 0)
    assert set(report.files) == FORMATS


def test_before_anything_happened_there_is_a_report_of_noughts() -> None:
    story = Story()
    assert frozen(story.facts()).content.figures["minutes"]["attested"] == 0


def test_hours_without_an_employer_stand_in_the_table_that_they_are_part_of() -> None:
    story = a_year()
    story.person("Eva", employment("Eva", until="2025-01-31"))
    session = story.session("nobody's", (at("2025-03-03"), 60))
    story.attended(session, "Eva", 60)
    content = frozen(story.facts()).content
    assert content.cofinancing["project"]["attested_minutes"] == 2 * 275 + 60
    [table] = [one for one in present(content).sections[1].tables if one.id == "cofinancing"]
    hours = {row.label: row.cells[1].value for row in table.rows}
    assert hours == {
        "Lindesberg": 0,
        "Nora": Decimal(550) / 60,
        "Utan gällande anställning": 1,
        "Totalt": Decimal(610) / 60,
    }


# --- what does not reconcile is not issued ---


def test_a_report_whose_two_answers_differ_is_refused_with_the_reason() -> None:
    facts = a_year().facts()
    stated = support.stated(order(), facts)
    minutes = stated.figures["minutes"] | {"attested": stated.figures["minutes"]["attested"] + 1}
    wrong = replace(stated, figures=stated.figures | {"minutes": minutes})
    with pytest.raises(DoesNotReconcile, match=r"minutes\.attested: the rows give 550, the report says 551"):
        freeze(order(), facts, wrong)
    reason = frozen_or_reason(order(), facts, wrong)
    assert isinstance(reason, str)
    assert reason.startswith("does not reconcile: ")


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("unique_participants.by_gender.woman", "unique_participants.by_gender"),
        ("unique_participants.by_age.30_54", "unique_participants.by_age"),
        ("participations.by_course.TR1", "participations.by_course"),
        ("participations.total", "participations.by_category"),
        ("minutes.attested", "months"),
    ],
)
def test_each_disagreement_is_named(path: str, named: str) -> None:
    report = frozen(a_year().facts())
    document = report.content.document()
    *holders, last = path.split(".")
    place = document["figures"]
    for name in holders:
        place = place[name]
    place[last] += 1
    assert any(problem.startswith(f"{named}:") for problem in problems_of(content_of(document)))


# --- verify ---


def test_a_report_as_it_was_frozen_verifies() -> None:
    report = frozen(a_year().facts())
    verdict = verify(report.content.document(), report.rows, digests(report))
    assert (verdict.reconciles, verdict.hash_matches, verdict.problems) == (True, True, [])


def test_a_report_of_older_rules_says_so_instead_of_false_differences() -> None:
    report = frozen(a_year().facts())
    document = report.content.document()
    document["rule_versions"]["figures"] = 1
    [problem] = [one for one in verify(document, report.rows, digests(report)).problems if "version" in one]
    assert problem == f"the figures follow the rules' version 1; this program knows up to version {FIGURES_VERSION}"


def test_a_changed_row_is_found() -> None:
    report = frozen(a_year().facts())
    rows = tuple(InputRow(row.kind, row.text.replace('"minutes":95', '"minutes":96')) for row in report.rows)
    verdict = verify(report.content.document(), rows, digests(report))
    assert (verdict.reconciles, verdict.hash_matches) == (False, False)
    assert any(problem.startswith("minutes.attested: the rows give 552") for problem in verdict.problems)


def test_a_changed_figure_is_found() -> None:
    report = frozen(a_year().facts())
    document = report.content.document()
    document["figures"]["seats"]["offered"] += 1
    verdict = verify(document, report.rows, digests(report))
    assert (verdict.reconciles, verdict.hash_matches) == (False, False)


def test_a_changed_file_is_found() -> None:
    report = frozen(a_year().facts())
    verdict = verify(report.content.document(), report.rows, digests(report, pdf="now"))
    assert (verdict.reconciles, verdict.hash_matches) == (True, False)
    assert verdict.problems == ["the stored pdf file is not the one that was frozen"]


def test_rows_that_cannot_be_read_are_a_problem_not_a_fault() -> None:
    report = frozen(a_year().facts())
    verdict = verify(report.content.document(), (*report.rows, InputRow("nonsense", "{}")), digests(report))
    assert (verdict.reconciles, verdict.hash_matches) == (False, False)


def of_everything(facts: Facts, **changes: Any) -> Frozen:
    """A report as they were frozen when they took everything below the cut-off."""
    return freeze(order(**changes), facts, support.stated(order(**changes), facts))


def test_a_report_that_took_everything_still_verifies() -> None:
    report = of_everything(a_year().facts(), period="2025Q4")
    assert verify(report.content.document(), report.rows, digests(report)).problems == []


def test_rows_of_a_form_that_is_not_known_are_a_problem() -> None:
    report = frozen(a_year().facts())
    rows = tuple(InputRow(row.kind, row.text.replace('"form":2', '"form":3')) for row in report.rows)
    [problem] = [one for one in verify(report.content.document(), rows, digests(report)).problems if "form" in one]
    assert problem.startswith("the stored input rows cannot be read: rows of a form that is not known")


# --- changes ---


def test_a_report_that_took_everything_is_compared_with_one_that_did_not() -> None:
    story = a_year()
    old = of_everything(story.facts(), period="2025Q4")
    assert compared(old, frozen(story.facts(), period="2025Q4", version=2)) == ({}, [])
    story.reopen(a_session("october"))
    story.attest(a_session("october"), ("Ada", 180), ("Bea", 180), ("Cia", 0))
    changes, resend = compared(old, frozen(story.facts(), period="2025Q4", version=2))
    assert changes["minutes.attested"].cause == [str(story.told[-1].id)]
    assert resend == ["2025-10", "2025-11", "2025-12"]


def test_who_comes_by_a_correction_is_not_its_cause() -> None:
    """A person whom the rows did not name before: the roll is why, not the person's attributes."""
    story = a_year()
    story.person("Eva", employment("Eva"))
    old = frozen(story.facts(), period="2025Q4")
    story.reopen(a_session("october"))
    story.attest(a_session("october"), ("Ada", 180), ("Bea", 95), ("Cia", 0), ("Eva", 60))
    changes, _ = compared(old, frozen(story.facts(), period="2025Q4", version=2))
    assert changes["unique_participants.total"].cause == [str(story.told[-1].id)]


def test_nothing_changed_is_nothing_to_send() -> None:
    facts = a_year().facts()
    assert compared(frozen(facts), frozen(facts, version=2)) == ({}, [])


def test_a_correction_names_old_new_and_the_events_it_comes_from() -> None:
    story = a_year()
    old = frozen(story.facts())
    session, before = a_session("october"), len(story.told)
    story.reopen(session)
    story.mark(session, "Bea", 180)
    story.attest(session, ("Ada", 180), ("Bea", 180), ("Cia", 0))
    reopened, marked, attested = (str(one.id) for one in told(story, before))
    changes, resend = compared(old, frozen(story.facts(), version=2))

    assert (changes["minutes.attested"].old, changes["minutes.attested"].new) == (550, 635)
    assert changes["minutes.attested"].cause == [attested]
    assert changes["cofinancing.municipalities.1884.attested_minutes"].cause == [attested]
    assert changes["cofinancing.project.attested_minutes"].new == 635
    assert "minutes.attended" not in changes  # her mark said 180 before and after
    assert not any(figure.startswith(("unique_participants", "participations", "seats")) for figure in changes)
    assert resend == ["2025-10", "2025-11", "2025-12"]
    assert reopened not in changes["minutes.attested"].cause
    assert marked != attested


def test_a_reopened_roll_is_explained_by_the_event_that_reopened_it() -> None:
    story = a_year()
    old = frozen(story.facts())
    [attested] = [one for one in story.told if one.key == str(id_of("march")) and "roll-attested" in one.type]
    story.reopen(a_session("march"))
    comparison = compare(version(old), version(frozen(story.facts(), version=2)))
    assert comparison.gone == {str(attested.id)}
    explained = comparison.explained({str(attested.id): "the reopening"})
    assert {one.figure: one.cause for one in explained}["minutes.attested"] == ["the reopening"]
    assert comparison.resend[0] == "2025-03"
    assert len(comparison.resend) == 10


def test_what_happens_after_the_period_is_no_cause_and_sends_nothing() -> None:
    story = a_year()
    old = frozen(story.facts())
    session, before = a_session("later"), len(story.told)
    story.reopen(session)
    story.attest(session, ("Ada", 60), ("Bea", 60), ("Cia", 60))
    changes, resend = compared(old, frozen(story.facts(), version=2))
    assert resend == []
    later = {str(one.id) for one in told(story, before)}
    assert not any(set(one.cause) & later for one in changes.values())


def test_a_correction_before_the_period_sends_all_its_months_again() -> None:
    """The co-financing of the fourth quarter counts the hours of March too."""
    story = a_year()
    old = frozen(story.facts(), period="2025Q4")
    story.reopen(a_session("march"))
    story.attest(a_session("march"), ("Ada", 180), ("Bea", 180), ("Cia", 0))
    changes, resend = compared(old, frozen(story.facts(), period="2025Q4", version=2))
    assert "cofinancing.project.attested_minutes" in changes
    assert resend == ["2025-10", "2025-11", "2025-12"]


def test_a_correction_before_the_period_that_changes_no_figure_of_it_sends_nothing() -> None:
    story = a_year()
    old = frozen(story.facts(), period="2025Q4")
    story.mark(a_session("march"), "Bea", 120)
    assert compared(old, frozen(story.facts(), period="2025Q4", version=2)) == ({}, [])


def test_hours_marked_for_the_wrong_person_are_sent_again_though_no_figure_changed() -> None:
    story = a_year()
    story.reopen(a_session("march"))
    story.attest(a_session("march"), ("Ada", 180), ("Bea", 0), ("Cia", 0))
    old = frozen(story.facts())
    story.reopen(a_session("march"))
    story.attest(a_session("march"), ("Ada", 0), ("Bea", 180), ("Cia", 0))
    changes, resend = compared(old, frozen(story.facts(), version=2))
    assert changes == {}
    assert (resend[0], len(resend)) == ("2025-03", 10)


def test_the_whole_project_is_a_period_too() -> None:
    report = frozen(a_year().facts(), period="project")
    assert report.content.figures["period"] == {"from": "2025-01-01", "to": "2027-06-30"}
    assert report.content.figures["minutes"]["attested"] == 3 * 275
    assert len(report.content.months) == 30
    shown = present(report.content)
    assert shown.title == "Lägesrapport hela projekttiden"
    [months] = [one for section in shown.sections for one in section.tables if one.id == "months"]
    assert (months.rows[0].label, months.rows[12].label) == ("Januari 2025", "Januari 2026")
    assert verify(report.content.document(), report.rows, digests(report)).problems == []


def test_a_corrected_person_changes_persons_and_not_minutes() -> None:
    story = a_year()
    old = frozen(story.facts())
    story.person("Ada", employment("Ada", "1884"), gender="man")
    changes, resend = compared(old, frozen(story.facts(), version=2))
    assert set(changes) == {"unique_participants.by_gender.woman", "unique_participants.by_gender.man"}
    assert changes["unique_participants.by_gender.man"].cause == [str(story.told[-1].id)]
    assert resend[0] == "2025-03"


def test_a_roll_that_holds_a_session_is_why_its_minutes_are_scheduled() -> None:
    story = a_year()
    session = story.session("november", (at("2025-11-03"), 60))
    story.confirmed(session, "Ada")
    old = frozen(story.facts())
    story.attest(session, ("Ada", 60))
    changes, _ = compared(old, frozen(story.facts(), version=2))
    assert changes["minutes.scheduled"].cause == [str(story.told[-1].id)]


def test_every_figure_can_be_explained() -> None:
    """No figure is without facts that it depends on."""
    groups = {path.split(".")[0] for path in flat(frozen(a_year().facts()).content)} - {"months"}
    assert groups <= set(SOURCES)


def a_session(name: str) -> Session:
    """The same session again, for further events of it."""
    days = {"march": "2025-03-03", "october": "2025-10-06", "later": "2026-01-12"}
    return Story().session(name, (at(days[name]), 180))
