"""Small groups: hidden, and not to be found out by subtraction."""

from typing import Any

from services.reporting.figures.figures import figures, suppressed_figures
from services.reporting.figures.model import Period
from services.reporting.figures.suppression import suppress
from tests.support.story import Story, at, employment

YEAR = Period(at("2025-01-01").date(), at("2025-12-31").date())


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
        story.confirm(session, who, at_employer=code)
    story.attest(session, *((who, 60) for who, _ in people))
    return story


def shown(story: Story, **narrowed: Any) -> dict[str, Any]:
    return suppressed_figures(story.facts(), YEAR, **narrowed)


def test_a_count_of_one_to_four_is_hidden_with_a_second_cell() -> None:
    people = shown(attended_by(20, 3))["unique_participants"]
    assert people["total"] == 23
    assert people["by_gender"] == {"woman": None, "man": None, "non_binary": 0, "unknown": 0}


def test_what_is_hidden_is_named_by_its_pointer() -> None:
    answer = shown(attended_by(20, 3))
    assert "/unique_participants/by_gender/man" in answer["suppressed"]
    assert answer["unique_participants"]["by_age"]["30_54"] == 23
    for pointer in answer["suppressed"]:
        assert found(answer, pointer) is None


def found(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def test_five_are_shown_and_none_is_shown() -> None:
    answer = shown(attended_by(5))
    assert answer["unique_participants"]["by_gender"] == {"woman": 5, "man": 0, "non_binary": 0, "unknown": 0}
    assert answer["suppressed"] == []


def test_a_small_total_hides_all_its_parts_and_the_fill_rate() -> None:
    answer = shown(attended_by(3))
    assert answer["unique_participants"] == {
        "total": None,
        "by_gender": {"woman": None, "man": 0, "non_binary": 0, "unknown": 0},
        "by_age": {"under_18": 0, "18_29": 0, "30_54": None, "55_plus": 0, "unknown": 0},
        "by_municipality": {"1884": None},
    }
    assert answer["seats"]["fill_rate"] is None


def test_a_hidden_municipality_cannot_be_asked_for_by_itself() -> None:
    story = attended_by(30, code="1880")
    attended_by(3, code="1864", story=story)
    attended_by(10, code="1884", story=story)
    whole = shown(story)["unique_participants"]["by_municipality"]
    assert whole == {"1864": None, "1880": 30, "1884": None}
    assert shown(story, municipality="1884")["unique_participants"]["total"] is None
    assert shown(story, municipality="1884", own=True)["unique_participants"]["total"] == 10
    assert shown(story, municipality="1880")["unique_participants"]["total"] == 30


def test_a_hidden_course_cannot_be_asked_for_by_itself() -> None:
    story = attended_by(30, course="TR1")
    attended_by(3, course="TR2", story=story)
    attended_by(10, course="TR3", story=story)
    assert shown(story)["participations"]["by_course"] == {"TR1": 30, "TR2": None, "TR3": None}
    narrowed = shown(story, course="TR3")
    assert (narrowed["participations"]["total"], narrowed["seats"]["confirmed"]) == (None, None)


def test_two_hidden_cells_that_can_only_be_one_each_hide_a_third() -> None:
    story = attended_by(10, 6)
    session = story.session("more", (at("2025-04-03"), 60), capacity=200)
    for gender in ("non_binary", "unknown"):
        story.person(gender, employment(gender, "1884"), gender=gender)
        story.confirm(session, gender, at_employer="1884")
    story.attest(session, ("non_binary", 60), ("unknown", 60))
    people = shown(story)["unique_participants"]
    assert people["total"] == 18  # 18 - 10 - 6 would be one of each
    assert people["by_gender"] == {"woman": 10, "man": None, "non_binary": None, "unknown": None}


def test_a_total_of_ones_only_is_hidden_with_them() -> None:
    story = Story()
    for n in range(6):
        attended_by(1, course=f"TR{n}", story=story)
    participations = shown(story)["participations"]
    assert (participations["total"], set(participations["by_course"].values())) == (None, {None})


def test_a_category_does_not_reveal_a_hidden_title_of_it() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60), capacity=200)
    titles = [("support_assistant", "base", 2), ("assistant_nurse", "base", 10), ("service_assistant", "other", 6)]
    people = [(f"{title} {n}", title, category) for title, category, count in titles for n in range(count)]
    for who, title, category in people:
        story.person(who, employment(who, title=title, category=category))
        story.confirm(session, who)
    story.attest(session, *((who, 60) for who, _, _ in people))
    participations = shown(story)["participations"]
    assert participations["by_category"]["base"] == 12  # 12 - 10 would be the two
    assert participations["by_title"] == {"assistant_nurse": None, "service_assistant": 6, "support_assistant": None}


def test_a_share_does_not_reveal_the_few_who_said_no() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60))
    for grade in ["high"] * 20 + ["fairly_high"] * 10 + ["low"] * 2:
        story.answer(session, helped=grade)
    helped = shown(story)["surveys"]["participant"]["helped"]
    assert helped == {"n": 32, "high": 20, "fairly_high": None, "share": None}


def test_a_mean_of_few_answers_is_hidden_with_its_n() -> None:
    story = Story()
    session = story.session("s", (at("2025-03-03"), 60))
    for _ in range(4):
        story.answer(session, confidence=5)
    assert shown(story)["surveys"]["participant"]["confidence"] == {"n": None, "mean": None}


def test_no_shows_are_not_found_from_what_was_confirmed() -> None:
    story = attended_by(20)
    session = story.session("more", (at("2025-04-03"), 60))
    for n in range(10):
        who = f"1884 TR1 woman {n}"
        story.confirm(session, who)
    story.attest(session, *((f"1884 TR1 woman {n}", 60 if n else 0) for n in range(10)))
    seats = shown(story)["seats"]
    assert (seats["no_show"], seats["confirmed"], seats["walk_in"]) == (None, None, 0)


def test_minutes_and_sessions_are_no_groups_of_people() -> None:
    story = attended_by(3)
    full = figures(story.facts(), YEAR)
    answer = suppress(full)
    assert (answer["minutes"], answer["sessions"]) == (full["minutes"], full["sessions"])
