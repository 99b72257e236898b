"""Reports of a period that is not over."""

from dataclasses import replace
from datetime import date

from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.reports.frame import present
from services.reporting.reports.freeze import Frozen, content_from
from services.reporting.reports.rows import facts_of
from services.reporting.reports.verify import verify
from tests.support.story import at
from tests.unit.services.reporting.reports.test_frozen import a_year, digests, frozen


def under_way() -> Frozen:
    """A report of 2026 that is ordered in January."""
    story = a_year()
    story.confirmed(story.session("june", (at("2026-06-01"), 180)), "Ada")
    return frozen(story.facts(), period="2026")


def test_a_report_of_a_period_under_way_says_so() -> None:
    facts = a_year().facts()
    over, under_way = (frozen(facts, period=period).content for period in ("2025", "2026"))
    words = "Perioden pågår: rapporten visar läget när data bröts, 19 januari 2026 kl. 09.30."
    assert words in present(under_way).sections[0].paragraphs
    assert not any("pågår" in text for text in present(over).sections[0].paragraphs)


def test_it_looks_ahead_from_the_day_of_its_order() -> None:
    report = under_way()
    facts = facts_of(report.rows, {}, None)
    [nora, _] = report.content.cofinancing["municipalities"]
    [then, _] = cofinancing(facts, report.content.period.last, date(2026, 1, 19))["municipalities"]
    assert nora["forecast"] == then["forecast"]
    assert verify(report.content.document(), report.rows, digests(report)).problems == []


def test_one_that_looked_ahead_from_the_end_of_its_period_verifies_still() -> None:
    report = under_way()
    content = content_from(report.content.order, replace(facts_of(report.rows, {}, None), rules=2), report.rows, {})
    older = replace(content, rule_versions={**content.rule_versions, "figures": 2})
    assert older.cofinancing != report.content.cofinancing
    assert verify(older.document(), report.rows, {}).problems == []
