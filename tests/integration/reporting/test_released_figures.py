"""Released figures: rounded one by one, so that no subtraction brings a small count back."""

from collections.abc import Callable
from typing import Any

import pytest

from services.reporting.figures.asking import Question
from services.reporting.figures.figures import figures
from services.reporting.figures.released import released_count, released_minutes
from tests.support.current import CurrentState
from tests.support.story import Story, at, employment

YEAR = (at("2025-01-01").date(), at("2025-12-31").date())


def attended_by(
    women: int, men: int = 0, *, code: str = "1884", course: str = "TR1", story: Story | None = None
) -> Story:
    story = story or Story()
    session = story.session(f"{code} {course}", (at("2025-03-03"), 60), course=course, capacity=200)
    people = [
        (f"{code} {course} {gender} {n}", gender)
        for gender, count in (("woman", women), ("man", men))
        for n in range(count)
    ]
    for who, gender in people:
        story.person(who, employment(who, code), gender=gender)
        story.confirmed(session, who, at_employer=code)
    story.attest(session, *((who, 60) for who, _ in people))
    return story


Shown = Callable[..., dict[str, Any]]


@pytest.fixture
def shown(current: CurrentState) -> Shown:
    """The released figures of a story's year."""

    def of(story: Story) -> dict[str, Any]:
        current.tell(story.told)
        return current.released(*YEAR)

    return of


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (1, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1834, 1835)]
)
def test_a_count_is_rounded_to_the_nearest_five(count: int, shown: int) -> None:
    assert released_count(count) == shown


@pytest.mark.parametrize(
    ("minutes", "persons", "shown"),
    [(0, 5, 0), (149, 5, 0), (150, 5, 300), (449, 9, 300), (-160, 5, -300), (6000, 4, None), (0, 0, None)],
)
def test_minutes_are_rounded_and_rest_on_five_persons(minutes: int, persons: int, shown: int | None) -> None:
    assert released_minutes(minutes, persons) == shown


def test_counts_are_rounded_by_themselves_and_totals_too(shown: Shown) -> None:
    answer = shown(attended_by(21, 3))
    assert answer["unique_participants"] == {
        "total": 25,  # 24
        "by_gender": {"woman": 20, "man": 5},
        "by_age": {"30_54": 25},
        "by_municipality": {"1884": 25},
    }
    assert answer["participations"]["by_category"] == {"base": 25}
    assert answer["rounded_to"] == 5


def test_a_cell_that_rounds_to_nothing_is_left_out_and_says_of_nobody_that_there_is_one(shown: Shown) -> None:
    story = attended_by(20, 2)
    attended_by(1, code="1864", course="TR2", story=story)
    answer = shown(story)
    assert answer["unique_participants"]["by_gender"] == {"woman": 20}
    assert answer["unique_participants"]["by_municipality"] == {"1884": 20}
    assert answer["participations"]["by_course"] == {"TR1": 20}


def test_sessions_and_courses_are_exact_and_seats_are_not(shown: Shown, current: CurrentState) -> None:
    story = attended_by(21)
    answer, exact = shown(story), current.figures(*YEAR)
    assert (
        answer["sessions"]
        == exact["sessions"]
        == {
            "held": 1,
            "cancelled": 0,
            "cancelled_by_cause": {},
            "courses_offered": 1,
        }
    )
    assert (answer["seats"]["offered"], answer["seats"]["confirmed"]) == (200, 20)
    assert answer["seats"]["fill_rate"] == 0.1  # of 20 and 200, not of 21


def test_what_rests_on_too_few_is_null_and_named(shown: Shown) -> None:
    answer = shown(attended_by(4))
    assert set(answer["minutes"].values()) == {None}
    assert set(answer["suppressed"]) >= {"/minutes/attested", "/minutes/claimable"}
    five = shown(attended_by(5))
    assert (five["minutes"]["attested"], five["minutes"]["scheduled"]) == (300, 300)
    assert "/minutes/attested" not in five["suppressed"]


def test_shares_come_from_the_rounded_counts_and_means_have_one_decimal(shown: Shown) -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60))
    for grade in ["high"] * 18 + ["fairly_high"] * 9 + ["low"] * 6:
        story.answer(session, helped=grade, confidence=5 if grade == "high" else 3, language_support="not_needed")
    participant = shown(story)["surveys"]["participant"]
    assert participant["answered"] == 35
    assert participant["helped"] == {"n": 35, "high": 20, "fairly_high": 10, "share": 0.8571}
    assert participant["confidence"] == {"n": 35, "mean": 4.1}  # 135 of 33 is 4.0909
    assert participant["language_support"] == {"needed": 0, "fully": 0, "partly": 0, "no": 0, "share": None}


def test_a_share_and_a_mean_need_ten(shown: Shown) -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60))
    for _ in range(7):
        story.answer(session, helped="high", confidence=5)
        story.answer(session, "manager", uses_it="yes", rating=4)
    answer = shown(story)
    participant, manager = answer["surveys"]["participant"], answer["surveys"]["manager"]
    assert participant["helped"] == {"n": 5, "high": 5, "fairly_high": 0, "share": None}
    assert participant["confidence"] == {"n": 5, "mean": None}
    assert manager["questions"] == {
        "rating": {"n": 5, "values": {"4": 5}, "mean": None},
        "uses_it": {"n": 5, "values": {"yes": 5}},
    }
    assert set(answer["suppressed"]) >= {
        "/surveys/participant/helped/share",
        "/surveys/participant/confidence/mean",
        "/surveys/manager/questions/rating/mean",
    }


def test_one_answer_that_nobody_else_gave_is_not_named(shown: Shown) -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60))
    for value in ["yes"] * 11 + ["no"]:
        story.answer(session, "manager", uses_it=value)
    assert shown(story)["surveys"]["manager"]["questions"]["uses_it"] == {"n": 10, "values": {"yes": 10}}


def test_what_too_few_have_answered_is_named_also_to_those_who_see_all(current: CurrentState) -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60))
    for _ in range(4):
        story.answer(session, helped="high", confidence=5, language_support="no")
        story.answer(session, "manager", uses_it="yes")
    current.tell(story.told)
    question = Question(*YEAR)
    assert set(current.ask(lambda unit, at: figures(unit, at, question))["suppressed"]) >= {
        "/surveys/participant/helped/share",
        "/surveys/participant/language_support/fully",
        "/surveys/manager/questions/uses_it/values",
    }


def test_how_far_the_streams_were_read_counts_events_and_is_left_out(shown: Shown) -> None:
    assert shown(attended_by(3))["cut_off"] == {}


def attended_one(story: Story, who: str, code: str, day: str, minutes: int) -> None:
    """A session of that day, attended and attested by one person of the municipality."""
    story.person(who, employment(who, code))
    session = story.session(f"{who} {day}", (at(day), 480))
    story.attended(session, who, minutes, at_employer=code)


def test_released_hours_are_rounded_and_their_shares_follow(current: CurrentState) -> None:
    story = Story()
    story.project()
    story.municipality("1884", (10_000, "2025-01-01"))
    story.municipality("1885", (10_000, "2025-01-01"))
    for code, people in (("1884", 5), ("1885", 4)):
        for number in range(people):
            attended_one(story, f"{code} {number}", code, "2025-03-03", 275)
    current.tell(story.told)
    answer = current.released_cofinancing(YEAR[1])
    [many, few] = answer["municipalities"]
    assert (many["attested_minutes"], many["attainment"]) == (1_500, 0.15)  # 1,375 to the nearest 300
    assert many["to_close_gap_minutes"] == 6_257  # goes on at the pace of 1,500 in 365 of 911 days
    assert few == {
        "code": "1885",
        "name": "1885",
        "commitment_minutes": 10_000,
        "attested_minutes": None,
        "claimable_minutes": None,
        "attainment": None,
        "forecast": {"at_end": None, "low": None, "high": None},
        "to_close_gap_minutes": None,
    }
    assert answer["project"]["attested_minutes"] == 2_400  # 2,475
    assert answer["rounded_to"] == 5
    assert set(answer["suppressed"]) >= {"/municipalities/1/attested_minutes", "/municipalities/1/forecast/at_end"}
    assert not any(pointer.startswith("/municipalities/0") for pointer in answer["suppressed"])
