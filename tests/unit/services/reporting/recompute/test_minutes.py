"""Minutes: scheduled, attended, attested, signed, claimable; rounded once."""

from datetime import timedelta
from typing import Any

import pytest

from services.reporting.days import Period
from services.reporting.recompute.figures import figures
from services.reporting.recompute.rounding import round_minutes
from services.reporting.shares import share
from tests.support.story import Session, Story, at, employment

YEAR = Period(at("2025-01-01").date(), at("2025-12-31").date())
START = at("2025-03-03")


def minutes(story: Story, **narrowed: str) -> dict[str, Any]:
    answer: dict[str, Any] = figures(story.facts(), YEAR, **narrowed)["minutes"]
    return answer


def attested(*lines: int, settings: list[tuple[str, Any, str]]) -> tuple[Story, list[Session]]:
    """Ada attends one session a day in March, these minutes."""
    story = Story()
    story.project(*settings)
    story.person("Ada")
    sessions = []
    for number, worth in enumerate(lines):
        session = story.session(f"s{number}", (START + timedelta(days=number), 180))
        story.attended(session, "Ada", worth)
        sessions.append(session)
    return story, sessions


def rounding(unit: int, mode: str, per: str) -> tuple[str, Any, str]:
    return "rounding", {"unit_minutes": unit, "mode": mode, "per": per}, "2025-01-01"


def test_scheduled_is_seats_at_the_start_times_minutes_without_breaks() -> None:
    story = Story()
    session = story.session("s", (START, 180), (at("2025-03-04"), 60), breaks=15)
    for who in ("Ada", "Bea", "Cia"):
        story.person(who)
        story.confirmed(session, who)
    story.cancelled(session, "Cia", when=START - timedelta(hours=1), late=True)
    assert minutes(story)["scheduled"] == 0  # not held yet
    story.attest(session, ("Ada", 100))
    assert minutes(story)["scheduled"] == 2 * (165 + 45)


def test_scheduled_counts_breaks_when_the_project_does() -> None:
    story = Story()
    story.project(("breaks", "unpaid", "2025-01-01"), ("breaks", "counted", "2025-03-04"))
    session = story.session("s", (START, 180), (at("2025-03-04"), 60), breaks=15)
    story.person("Ada")
    story.attended(session, "Ada", 100)
    assert minutes(story)["scheduled"] == 165 + 60


def test_attended_are_the_current_marks_attested_or_not() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (START, 180))
    story.confirmed(session, "Ada")
    story.mark(session, "Ada", 180)
    story.mark(session, "Ada", 120)
    assert (minutes(story)["attended"], minutes(story)["attested"]) == (120, 0)


def test_a_reopened_roll_has_no_attested_minutes_until_it_is_attested_again() -> None:
    story, [session] = attested(180, settings=[])
    story.reopen(session)
    assert minutes(story)["attested"] == 0
    story.attest(session, ("Ada", 150))
    assert minutes(story)["attested"] == 150


def test_without_a_demand_for_signatures_attested_is_claimable() -> None:
    story, _ = attested(180, settings=[])
    assert (minutes(story)["signed"], minutes(story)["claimable"]) == (0, 180)


def test_where_signatures_are_required_only_the_same_minutes_signed_are_claimable() -> None:
    story, [first, second, third] = attested(180, 120, 90, settings=[("signature_required", True, "2025-03-04")])
    story.sign("Ada", "2025-03", (first, 180), (second, 119), (third, 90))
    # the first day needs no signature yet; the second is signed with other minutes
    assert minutes(story)["claimable"] == 180 + 90
    assert minutes(story)["signed"] == 180 + 119 + 90


def test_a_voided_month_is_not_signed() -> None:
    story, [session] = attested(180, settings=[("signature_required", True, "2025-01-01")])
    story.sign("Ada", "2025-03", (session, 180))
    story.void("Ada", "2025-03")
    assert (minutes(story)["signed"], minutes(story)["claimable"]) == (0, 0)
    story.sign("Ada", "2025-03", (session, 180))
    assert (minutes(story)["signed"], minutes(story)["claimable"]) == (180, 180)


def test_rounding_by_occasion_says_what_it_lost() -> None:
    story, _ = attested(50, 50, settings=[rounding(30, "down", "occasion")])
    assert minutes(story) | {"scheduled": 0} == {
        "scheduled": 0,
        "attended": 0,
        "attested": 100,
        "unmatched_minutes": 0,
        "signed": 0,
        "claimable": 60,
        "lost_to_rounding": 40,
    }


def test_rounding_by_month_rounds_once() -> None:
    story, _ = attested(50, 50, settings=[rounding(30, "down", "person_month")])
    assert (minutes(story)["claimable"], minutes(story)["lost_to_rounding"]) == (90, 10)


def test_stating_the_same_policy_again_changes_nothing() -> None:
    monthly = rounding(60, "down", "person_month")
    again = (*monthly[:2], "2025-03-04")
    for settings in ([monthly], [monthly, again]):
        story, _ = attested(50, 50, settings=settings)
        assert (minutes(story)["claimable"], minutes(story)["lost_to_rounding"]) == (60, 40)
    by_occasion = rounding(30, "down", "occasion")
    story, _ = attested(50, 50, settings=[by_occasion, (*by_occasion[:2], "2025-03-04")])
    assert minutes(story)["claimable"] == 60


def test_a_month_is_rounded_by_the_policy_in_force_on_its_first() -> None:
    monthly, later = rounding(60, "down", "person_month"), ("2025-03-04",)
    up = ("rounding", {"unit_minutes": 60, "mode": "up", "per": "person_month"}, *later)
    by_occasion = ("rounding", {"unit_minutes": 60, "mode": "up", "per": "occasion"}, *later)
    for change in (up, by_occasion):
        story, _ = attested(50, 50, settings=[monthly, change])
        assert minutes(story)["claimable"] == 60
    story, _ = attested(50, 50, settings=[rounding(30, "down", "occasion"), up])
    assert minutes(story)["claimable"] == 60  # the monthly one waits for April


def test_a_month_with_one_employer_is_rounded_over_all_courses() -> None:
    story = Story()
    story.project(rounding(60, "half_up", "person_month"))
    story.person("Ada")
    for number, course in enumerate(("TR1", "TR2")):
        session = story.session(course, (START + timedelta(days=number), 180), course=course)
        story.attended(session, "Ada", 45)
    assert (minutes(story)["claimable"], minutes(story)["lost_to_rounding"]) == (120, -30)
    of_one_course = minutes(story, course="TR1")
    assert (of_one_course["attested"], of_one_course["claimable"], of_one_course["lost_to_rounding"]) == (
        45,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("first", "last", "claimable"),
    [
        ("2025-03-01", "2025-03-31", 60),
        ("2025-02-15", "2025-03-31", None),
        ("2025-03-01", "2025-03-30", None),
        ("2025-03-03", "2025-03-03", None),
        ("2025-01-01", "2025-12-31", 60),
    ],
)
def test_a_period_that_cuts_such_a_month_has_nothing_claimable(first: str, last: str, claimable: int | None) -> None:
    story, _ = attested(50, 50, settings=[rounding(60, "down", "person_month")])
    answer = figures(story.facts(), Period(at(first).date(), at(last).date()))["minutes"]
    assert answer["claimable"] == claimable
    assert (answer["lost_to_rounding"] is None) == (claimable is None)


def test_hours_without_an_employer_are_attested_and_never_claimable() -> None:
    story = Story()
    story.project()
    story.person("Eva", employment("Eva", until="2025-01-31"))
    session = story.session("s", (START, 180))
    story.attended(session, "Eva", 90)
    answer = minutes(story)
    assert (answer["attested"], answer["unmatched_minutes"], answer["claimable"]) == (90, 90, 0)
    assert minutes(story, municipality="1884")["unmatched_minutes"] == 0


def test_rounding_follows_the_day() -> None:
    later = ("rounding", {"unit_minutes": 60, "mode": "up", "per": "occasion"}, "2025-03-04")
    story, _ = attested(50, 50, settings=[rounding(30, "down", "occasion"), later])
    assert (minutes(story)["claimable"], minutes(story)["lost_to_rounding"]) == (90, 10)


def test_municipal_minutes_sum_to_the_projects_also_after_rounding() -> None:
    story = Story()
    story.project(rounding(60, "half_up", "person_month"))
    story.person("Ada", employment("Ada", "1884"), employment("Ada", "1885"))
    for number, code in enumerate(("1884", "1885")):
        session = story.session(code, (START + timedelta(days=number), 180))
        story.attended(session, "Ada", 40, at_employer=code)
    parts = [minutes(story, municipality=code)["claimable"] for code in ("1884", "1885")]
    assert (parts, minutes(story)["claimable"], minutes(story)["lost_to_rounding"]) == ([60, 60], 120, -40)


@pytest.mark.parametrize(
    ("mode", "rounded"),
    [("half_up", [0, 30, 60, 60]), ("half_even", [0, 0, 60, 60]), ("down", [0, 0, 30, 30]), ("up", [30, 30, 60, 60])],
)
def test_modes_of_rounding(mode: str, rounded: list[int]) -> None:
    policy = {"unit_minutes": 30, "mode": mode}
    assert [round_minutes(worth, policy) for worth in (14, 15, 45, 46)] == rounded


def test_shares_have_four_decimals_rounded_half_up() -> None:
    assert [share(1, 8), share(1, 3), share(2, 3), share(1, 20_000), share(3, 2), share(1, 0)] == [
        0.125,
        0.3333,
        0.6667,
        0.0001,
        1.5,
        None,
    ]
