"""No table, total or difference of two tells fewer than five answers, whatever was answered where."""

from collections import Counter
from datetime import date
from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.survey_results.rules import FEWEST, Answered, Block, blocks, summed

sessions = st.lists(
    st.builds(
        Answered,
        st.uuids(),
        st.sampled_from(["HLR", "PALS"]),
        st.dates(date(2025, 1, 1), date(2026, 12, 31)),
        st.sampled_from(["helped", "confidence"]),
        st.dictionaries(st.sampled_from("1234"), st.integers(1, 7), max_size=4),
    ),
    max_size=14,
    unique_by=lambda one: one.session_id,
)


def of(day: str, number: int, course: str = "HLR") -> Answered:
    return Answered(UUID(int=number + 100 * int(day[-2:])), course, date.fromisoformat(day), "helped", {"high": number})


def groups(told: list[Block]) -> list[frozenset[int]]:
    """Every row and total that the page has, as numbers of blocks: sessions, courses and years, alone and together."""
    numbered = list(enumerate(told))
    found = [
        frozenset(n for n, one in numbered if year in (None, one.year) and course in (None, one.course))
        for year in (None, 2025, 2026)
        for course in (None, "HLR", "PALS")
    ]
    return found + [frozenset({n}) for n, one in numbered if one.session_id]


@given(sessions)
def test_every_row_total_and_difference_is_of_five_answers_or_of_none(answers: list[Answered]) -> None:
    told = blocks(answers)
    shown = groups(told)
    for one, other in [*combinations(shown, 2), *((group, frozenset()) for group in shown)]:
        for part in (one - other, other - one):
            counts = summed(told[n] for n in part)
            assert all(values.total() >= FEWEST for values in counts.values())


@given(sessions)
def test_nothing_is_told_twice_and_nothing_that_nobody_answered(answers: list[Answered]) -> None:
    given_, told = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in answers:
        given_.update({(one.question, value): n for value, n in one.values.items()})
    for block in blocks(answers):
        told.update({(block.question, value): n for value, n in block.values.items()})
    assert not told - given_


@given(sessions)
def test_a_session_with_five_answers_to_a_question_is_told_by_itself(answers: list[Answered]) -> None:
    own = {(one.session_id, one.question) for one in answers if one.number >= FEWEST}
    assert {(block.session_id, block.question) for block in blocks(answers) if block.session_id} == own


def test_small_sessions_of_a_course_wait_for_each_other_in_the_order_of_their_days() -> None:
    few = [of("2025-03-01", 2), of("2025-03-02", 2), of("2025-03-03", 3), of("2025-03-04", 4)]
    [block] = blocks(few)
    assert block.values == {"high": 7}
    assert blocks([*few, of("2025-03-05", 1)])[0].values == {"high": 7}, "what was told stays as it was"
    assert len(blocks([*few, of("2025-03-05", 1)])) == 2


def test_they_are_not_put_together_over_courses_or_years() -> None:
    assert blocks([of("2025-12-31", 4), of("2026-01-01", 4), of("2025-12-31", 4, "PALS")]) == []
