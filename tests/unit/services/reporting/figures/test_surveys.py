"""Surveys: dated by their session, of no municipality, every share with its n."""

from typing import Any

from services.reporting.figures.figures import figures
from services.reporting.figures.model import Period
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
    story.answer(session, confidence=5, language_support="no")
    assert of_year(story)["participant"] == {
        "invited": 7,
        "answered": 4,
        "helped": {"n": 3, "high": 1, "fairly_high": 1, "share": 0.6667},
        "confidence": {"n": 4, "mean": 4.5},
        "language_support": {"needed": 3, "fully": 1, "partly": 1, "no": 1, "share": 0.6667},
    }


def test_managers_answers_stand_apart_question_by_question() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 180))
    story.answer(session, "manager", uses_it="yes", rating=4)
    story.answer(session, "manager", uses_it="no", rating=5)
    manager = of_year(story)["manager"]
    assert (manager["invited"], manager["answered"]) == (0, 2)
    assert manager["questions"] == {
        "rating": {"n": 2, "values": {"4": 1, "5": 1}, "mean": 4.5},
        "uses_it": {"n": 2, "values": {"no": 1, "yes": 1}},
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
