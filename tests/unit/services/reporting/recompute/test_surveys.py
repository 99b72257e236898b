"""Surveys: dated by their session, of no municipality, every share with its n."""

from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.figures import figures
from tests.support.story import Story, at

YEAR = Period(at("2025-01-01").date(), at("2025-12-31").date())


def of_year(story: Story, **narrowed: str) -> Any:
    return figures(story.facts(), YEAR, **narrowed)["surveys"]


def test_the_three_questions_of_the_funder() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 180))
    story.invite(session, 5)
    story.invite(session, 2)
    story.answer(session, helped="high", confidence=5, language_support="not_needed")
    story.answer(session, helped="fairly_high", confidence=4, language_support="fully")
    story.answer(session, helped="low", confidence=4, language_support="partly")
    story.answer(session, helped="not_at_all", confidence=5, language_support="no")
    for _ in range(2):
        story.answer(session, helped="high")
    story.answer(session, confidence=5, language_support="not_needed")
    assert of_year(story)["participant"] == {
        "invited": 7,
        "answered": 7,
        "helped": {"n": 6, "high": 3, "fairly_high": 1, "share": 0.6667},
        "confidence": {"n": 5, "mean": 4.6},
        "language_support": {"needed": 3, "fully": 1, "partly": 1, "no": 1, "share": 0.6667},
    }


def test_fewer_than_five_answers_to_a_question_are_told_to_nobody() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 180))
    for _ in range(4):
        story.answer(session, helped="high", confidence=5, language_support="no")
        story.answer(session, "manager", uses_it="yes")
    answer = figures(story.facts(), YEAR)
    participant, manager = answer["surveys"]["participant"], answer["surveys"]["manager"]
    assert participant["answered"] == 4
    assert participant["helped"] == {"n": None, "high": None, "fairly_high": None, "share": None}
    assert participant["confidence"] == {"n": None, "mean": None}
    assert set(participant["language_support"].values()) == {None}
    assert manager["questions"] == {"uses_it": {"n": None, "values": None}}
    story.answer(session, helped="low", confidence=5)
    assert of_year(story)["participant"]["helped"] == {"n": 5, "high": 4, "fairly_high": 0, "share": 0.8}


def test_managers_answers_stand_apart_question_by_question() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 180))
    for _ in range(3):
        story.answer(session, "manager", uses_it="yes", rating=4)
        story.answer(session, "manager", uses_it="no", rating=5)
    manager = of_year(story)["manager"]
    assert (manager["invited"], manager["answered"]) == (0, 6)
    assert manager["questions"] == {
        "rating": {"n": 6, "values": {"4": 3, "5": 3}, "mean": 4.5},
        "uses_it": {"n": 6, "values": {"no": 3, "yes": 3}},
    }
    assert of_year(story)["participant"]["answered"] == 0


def test_an_answer_belongs_to_the_last_day_of_its_session() -> None:
    story = Story()
    session = story.session("s", (at("2025-12-30"), 60), (at("2026-01-02"), 60))
    story.answer(session, helped="high")
    assert of_year(story)["participant"]["answered"] == 0


def test_under_a_municipality_filter_there_are_no_answers() -> None:
    story = Story()
    story.answer(story.session("s", (at("2025-03-03"), 180)), helped="high")
    assert of_year(story, municipality="1884") is None


def test_a_share_of_nothing_is_nothing() -> None:
    participant = of_year(Story())["participant"]
    assert (participant["helped"]["share"], participant["confidence"]["mean"]) == (None, None)
