"""The evaluation's data: released figures of whole months, in groups, without an id or a day."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from services.reporting.days import Period
from services.reporting.figures.released import release as released_figures
from services.reporting.figures.released import released_count, released_minutes
from services.reporting.recompute.figures import figures_of
from services.reporting.recompute.ledger import Attended, Ledger, Selection, ledger_of, participation, within
from services.reporting.recompute.minutes import persons_behind
from services.reporting.recompute.model import UNMATCHED, Facts
from services.reporting.recompute.people import age_group_of, gender_of
from services.reporting.recompute.seats import attended as attendances
from services.reporting.reports.content import Content, Json
from services.reporting.reports.kinds.kind import Kind, attested
from services.reporting.reports.kinds.persons import employers
from services.reporting.reports.listed import Column, Listed, Value
from services.reporting.reports.sections.delivery import attested_hours, sessions
from services.reporting.reports.sections.people import participants, participations
from services.reporting.reports.sections.surveys import surveys
from services.reporting.reports.words import Words
from shared.security.roles import Role

Group = tuple[str, ...]


def release(facts: Facts, content: Content) -> Content:
    """The content with every number as it is told outside; co-financing has a call of its own."""
    ledger, selection = ledger_of(facts), Selection(content.order.municipality)
    return replace(
        content,
        order=replace(content.order, cut_off={}),
        figures=released(facts, content.period.days, selection),
        cofinancing={},
        months=[_month(ledger, selection, content, one) for one in content.months],
        row_count=released_count(content.row_count) or 0,
    )


def released(facts: Facts, period: Period, selection: Selection) -> Json:
    """What GET /v1/figures answers an evaluator."""
    ledger = ledger_of(facts)
    return released_figures(
        figures_of(facts, period, selection, mean_decimals=1),
        persons=persons_behind(ledger, period, selection),
        attended=attendances(ledger, period, selection),
    )


def _month(ledger: Ledger, selection: Selection, content: Content, one: Json) -> Json:
    [days] = [month.days for month in content.period.months() if month.written == one["month"]]
    people = {row.participant_id for row in within(ledger.attested, days, selection)}
    return {**one, "attested": released_minutes(one["attested"], len(people))}


def lists(facts: Facts, content: Content) -> tuple[Listed, ...]:
    """Participations by course and employer, and persons by gender and age."""
    words, ledger, rows = Words(content.order.language), ledger_of(facts), attested(facts, content)
    courses = content.names["courses"]

    def course_and_employer(row: Attended) -> Group:
        return str(courses.get(row.session.course, row.session.course)), employers(content, [row.municipality])

    def category_and_title(row: Attended) -> Group:
        first = ledger.first_of_session[participation(row)].employment
        category, title = (first.category, first.title) if first else (UNMATCHED, UNMATCHED)
        return words.named("category", category), words.named("title", title)

    def gender_and_age(row: Attended) -> Group:
        gender, age = gender_of(ledger, row.participant_id), age_group_of(ledger, row.participant_id)
        return words.named("gender", gender), words.named("age", age)

    return (
        _grouped(words, "courses", ("by_course", "municipality"), course_and_employer, rows),
        _grouped(words, "titles", ("by_category", "by_title"), category_and_title, rows),
        _grouped(words, "people", ("by_gender", "by_age"), gender_and_age, rows),
    )


def _grouped(
    words: Words, name: str, heads: tuple[str, ...], group: Callable[[Attended], Group], rows: Iterable[Attended]
) -> Listed:
    groups: dict[Group, list[Attended]] = {}
    for row in rows:
        groups.setdefault(group(row), []).append(row)
    columns = (
        *(Column(head.removeprefix("by_"), words(head)) for head in heads),
        Column("persons", words("persons"), "count"),
        Column("participations", words("participations"), "count"),
        Column("minutes", words("attested_time"), "minutes"),
    )
    told = ((*key, *_told(theirs)) for key, theirs in sorted(groups.items()))
    return Listed(name, words(f"list.released.{name}"), columns, tuple(row for row in told if row[len(heads)]))


def _told(rows: list[Attended]) -> tuple[Value, ...]:
    people = len({row.participant_id for row in rows})
    ones = len({participation(row) for row in rows})
    minutes = sum(row.minutes for row in rows)
    return released_count(people), released_count(ones), released_minutes(minutes, people)


KIND = Kind(
    "evaluation",
    (participants, participations, attested_hours, sessions, surveys),
    readers=frozenset({Role.FUNDER, Role.EVALUATOR}),
    lists=lists,
    release=release,
    sums_up=False,
)
