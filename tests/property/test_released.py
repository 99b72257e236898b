"""Released figures: over every question that may be asked, nothing is told but what rounding tells."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.figures.released import release
from tests.property.test_facts import MUNICIPALITIES, stories
from tests.support.current import CurrentState
from tests.support.story import Story

FIRSTS = [date(2025, month, 1) for month in (1, 2, 4, 5, 7, 10)]
LASTS = [date(2025, month, 1) - timedelta(days=1) for month in (3, 5, 8)] + [date(2025, 12, 31)]
PERIODS = [(first, last) for first, last in product(FIRSTS, LASTS) if first < last]
Question = tuple[date, date, str | None, str | None]
QUESTIONS: list[Question] = [
    (*days, code, course) for days, code, course in product(PERIODS, (None, *MUNICIPALITIES), (None, "A", "B"))
]
some = st.lists(st.sampled_from(QUESTIONS), min_size=6, max_size=6)
COUNTS = ("unique_participants", "participations", "seats", "surveys", "trainers", "approximate")
quick = settings(max_examples=15, deadline=None)


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path, value


def counts(answer: Mapping[str, Any]) -> dict[tuple[str, ...], int]:
    """Every number of people, seats or answers, by its path; shares and means are not counts."""
    found = (leaf for name in COUNTS for leaf in leaves(answer[name], (name,)))
    return {path: n for path, n in found if n is not None and path[-1] not in ("share", "mean", "fill_rate")}


def nearest(n: int, step: int) -> int:
    """The plainest way to say it; halves up."""
    return min(range(0, n + 2 * step, step), key=lambda one: (abs(one - n), -one))


@given(story=stories(people=40), asked=some)
@quick
def test_each_count_is_rounded_by_itself(current: CurrentState, story: Story, asked: list[Question]) -> None:
    current.tell(story.told)
    for question in asked:
        exact, told = counts(current.figures(*question)), counts(current.released(*question))
        for path, n in exact.items():
            left_out_as_nothing = 0 if path not in told else None
            assert told.get(path, left_out_as_nothing) == nearest(n, 5), (path, n)
        assert told.keys() <= exact.keys()


@given(story=stories(people=40), asked=some)
@quick
def test_minutes_are_told_only_of_five_persons_and_never_to_the_minute(
    current: CurrentState, story: Story, asked: list[Question]
) -> None:
    current.tell(story.told)
    for question in asked:
        all_of_it, answer = current.figures(*question), current.released(*question)
        people, exact = all_of_it["unique_participants"]["total"], all_of_it["minutes"]
        if people < 5:
            assert answer["minutes"]["attested"] is None
            assert "/minutes/attested" in answer["suppressed"]
        else:
            assert answer["minutes"]["attested"] == nearest(exact["attested"], 300)
        assert all(minutes is None or minutes % 300 == 0 for minutes in answer["minutes"].values())


@given(story=stories(people=40), data=st.data())
@quick
def test_two_worlds_that_round_alike_are_told_alike(current: CurrentState, story: Story, data: st.DataObject) -> None:
    """Shares, cells and all: exchange every number for another that rounds to the same, and nobody can tell."""
    current.tell(story.told)
    exact = current.figures(*data.draw(st.sampled_from(QUESTIONS)))
    other = exchanged(exact, data)
    persons = dict.fromkeys(exact["minutes"], data.draw(st.sampled_from((4, 5))))
    attended = exact["participations"]["total"]
    assert release(exact, persons=persons, attended=attended) == release(
        other, persons=persons, attended=alike(attended, 5, data)
    )


def exchanged(exact: Mapping[str, Any], data: st.DataObject) -> dict[str, Any]:
    """The figures with every number, but those of sessions and the means, another one that rounds to the same."""

    def of(value: Any, name: str, step: int) -> Any:
        if isinstance(value, Mapping):
            return {key: of(inner, key, step) for key, inner in value.items()}
        if name in ("share", "fill_rate"):
            return None if value is None else data.draw(st.floats(0, 1))
        return value if value is None or name == "mean" else alike(value, step, data)

    return {**exact, **{name: of(exact[name], name, 5) for name in COUNTS}, "minutes": of(exact["minutes"], "", 300)}


def alike(n: int, step: int, data: st.DataObject) -> int:
    half, middle = step // 2, nearest(n, step) if n >= 0 else n
    spread = range(max(0, middle - half), middle + (half if step % 2 == 0 else half + 1)) if n >= 0 else [n]
    return data.draw(st.sampled_from([one for one in spread if nearest(one, step) == middle] or [n]))


@given(story=stories(people=40))
@quick
def test_what_is_told_of_cofinancing_follows_from_the_rounded_minutes(current: CurrentState, story: Story) -> None:
    current.tell(story.told)
    for as_of in LASTS:
        exact, told = current.cofinancing(as_of, as_of), current.released_cofinancing(as_of)
        for before, after in zip(lines(exact), lines(told), strict=True):
            minutes = after["attested_minutes"]
            assert minutes is None or minutes == nearest(before["attested_minutes"], 300)
            assert after["attainment"] == (None if minutes is None else share(minutes, after["commitment_minutes"]))
            assert minutes is not None or after.get("to_close_gap_minutes") is None
        assert number_of_nulls(told) - number_of_nulls(exact) == len(told["suppressed"])


def lines(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [answer["project"], *answer["municipalities"]]


def share(part: int, whole: int) -> float:
    return int(part * 10_000 / whole + 0.5) / 10_000


def number_of_nulls(answer: Mapping[str, Any]) -> int:
    return sum(value is None for line in lines(answer) for _, value in leaves(line))


def test_the_questions_are_of_whole_months() -> None:
    assert len(QUESTIONS) > 100
    assert all(first.day == 1 and (last + timedelta(days=1)).day == 1 for first, last in PERIODS)
