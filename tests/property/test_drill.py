"""The rows behind a figure make that figure, whatever is asked and of whatever year; a report has the same rows."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.reporting.days import Period
from services.reporting.drill.measures import SHARES, found
from services.reporting.drill.queries import Behind, behind
from services.reporting.figures.asking import Question
from services.reporting.recompute.behind import behind as behind_of
from services.reporting.recompute.model import Facts
from tests.property import test_facts, worlds
from tests.property.test_sql import PERIODS, SELECTIONS
from tests.support.current import CurrentState
from tests.support.story import Story, at, employment

questions = st.builds(
    lambda period, selection: Question(period.first, period.last, *selection),
    st.sampled_from(PERIODS),
    st.sampled_from(SELECTIONS),
)
some = settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(f"{path}.{key}" if path else key, inner)
    else:
        yield path, value


def asked_of(current: CurrentState, question: Question) -> dict[str, Any]:
    """Every figure by its path."""
    figures = current.figures(question.first, question.last, question.municipality, question.course)
    return {path: value for path, value in leaves("", figures) if not path.startswith("period.")}


def drilled(
    current: CurrentState, figure: str, question: Question, after: str | None = None, fetch: int = 10_000
) -> Behind:
    named = found(figure)
    assert named, f"{figure} leads nowhere"
    return current.ask(lambda unit, at: behind(unit, at, *named, question, after=after, fetch=fetch))


def summed(figure: str, told: Behind) -> int:
    rows = [row for _, row in told.rows]
    if figure.startswith(("minutes.", "cofinancing.")):
        return sum(row["minutes"] for row in rows)
    if figure == "seats.offered":
        return sum(row["capacity"] for row in rows)
    if figure.startswith("unique_participants."):
        return len({row["participant_id"] for row in rows})
    return len(rows)


def lead_to_their_rows(current: CurrentState, question: Question) -> None:
    frozen = None if question.course else current.facts(Period(question.first, question.last))
    for figure, value in {**asked_of(current, question), **of_the_project(current, question)}.items():
        if SHARES.fullmatch(figure) or found(figure) is None:
            assert value is None or SHARES.fullmatch(figure), figure  # what may not be told is null as a whole too
            continue
        told = drilled(current, figure, question)
        assert told.value == value, (figure, question)
        assert told.value is None or summed(figure, told) == value, (figure, question)
        if frozen is not None and told.value is not None and not figure.startswith("cofinancing."):
            own = behind_in_a_report(frozen, figure, question)
            assert own == sorted(json.dumps(row, sort_keys=True) for _, row in told.rows), (figure, question)


def of_the_project(current: CurrentState, question: Question) -> dict[str, Any]:
    """The co-financing up to the last day, and who began in these days: nobody narrows them."""
    if question.municipality or question.course:
        return {}
    table = current.cofinancing(question.last, question.last)
    lines = {f"cofinancing.municipalities.{one['code']}": one for one in table["municipalities"]}
    told = {
        "cofinancing.project": table["project"],
        **lines,
        **current.indicators(Period(question.first, question.last)),
    }
    found_there = {f"{path}.{name}": value for path, one in told.items() for name, value in one.items()}
    return {path: value for path, value in found_there.items() if found(path) is not None}


def behind_in_a_report(frozen: Facts, figure: str, question: Question) -> list[str]:
    named = found(figure)
    assert named
    rows = behind_of(frozen, Period(question.first, question.last), question.municipality, *named)
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


@given(story=worlds.years() | test_facts.stories(), question=questions)
@some
def test_every_figure_of_generated_years(current: CurrentState, story: Story, question: Question) -> None:
    current.tell(story.told)
    lead_to_their_rows(current, question)


def a_year() -> Story:
    """Something behind each figure, surveys and trainers too."""
    story = Story()
    story.project(("rounding", {"unit_minutes": 30, "mode": "up", "per": "occasion"}, "2025-01-01"))
    story.qualified("t", "2025-02-10", starts="2026-03-01", ends="2025-04-01")
    session = story.session("s", (at("2025-03-03"), 180), capacity=20)
    for number in range(7):
        who = f"p{number}"
        story.person(who, employment(who, "1884" if number else "1885"))
        story.confirmed(session, who)
    story.attest(session, *((f"p{number}", 100 + number) for number in range(6)))
    story.called_off(story.session("gone", (at("2025-04-04"), 180)))
    for number in range(6):
        support = ("not_needed", "fully", "partly")[number % 3]
        grade = ("high", "fairly_high", "low")[number % 3]
        story.answer(session, helped=grade, confidence=3 + number % 3, language_support=support)
        story.answer(session, "manager", applied=grade, effect=number)
    return story


def test_every_figure_of_a_year_with_answers_and_trainers(current: CurrentState) -> None:
    current.tell(a_year().told)
    for selection in SELECTIONS:
        lead_to_their_rows(current, Question(date(2025, 1, 1), date(2025, 12, 31), *selection))


def test_pages_of_rows_follow_each_other_and_answers_are_nobodys(current: CurrentState) -> None:
    current.tell(a_year().told)
    year = Question(date(2025, 1, 1), date(2025, 12, 31))
    whole, paged, after = drilled(current, "minutes.attested", year).rows, [], None
    while rows := drilled(current, "minutes.attested", year, after, 4).rows:
        paged += rows
        after = rows[-1][0]
    assert paged == whole
    told = drilled(current, "surveys.participant.helped.high", year)
    assert [row for _, row in told.rows] == [
        {"question": "helped", "answer": "high", "number": number} for number in (1, 2)
    ]


def test_fewer_than_five_answers_have_no_rows(current: CurrentState) -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 180))
    for _ in range(4):
        story.answer(session, helped="high", confidence=5)
    current.tell(story.told)
    year = Question(date(2025, 1, 1), date(2025, 12, 31))
    assert drilled(current, "surveys.participant.helped.high", year) == Behind(None, [])
    assert drilled(current, "surveys.participant.answered", year).value == 4
