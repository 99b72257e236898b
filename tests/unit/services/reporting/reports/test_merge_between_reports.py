"""A merge between two reports of a period: the old one stays as it was, the new one says what changed and why."""

from dataclasses import replace

from services.reporting.reports.changes import Version, compare
from services.reporting.reports.freeze import Frozen
from services.reporting.reports.rows import facts_of, rows_of
from tests.support.frozen import frozen
from tests.support.reports import FIRST
from tests.support.story import Story, at, employment


def version(report: Frozen) -> Version:
    return Version(report.content, report.rows)


def test_a_merge_is_the_cause_of_what_it_changed() -> None:
    story = Story()
    story.municipality("1884")
    for who, month in (("Ana", 3), ("Anna", 10)):
        story.person(who)
        session = story.session(who, (at(f"2025-{month:02}-03"), 60))
        story.attended(session, who, 60)
    old = frozen(FIRST, story.facts())
    story.merge("Ana", "Anna", employment("Ana"), employment("Anna"))
    new = frozen(replace(FIRST, version=2), story.facts())

    comparison = compare(version(old), version(new))

    people = {one.figure: one for one in comparison.changes}["unique_participants.total"]
    assert (people.old, people.new) == (2, 1)
    merge, attributes = story.told[-2:]
    assert set(people.cause) == {str(merge.id), str(attributes.id)}
    assert comparison.gone == frozenset()
    assert rows_of(facts_of(new.rows, {}, None)) == new.rows
