"""Co-financing: hours against promises, by the day asked about."""

from datetime import date
from fractions import Fraction
from typing import Any

from services.reporting.days import Period
from services.reporting.forecast.rules import Standing, forecast
from services.reporting.recompute.cofinancing import cofinancing, latest_day
from services.reporting.recompute.figures import figures
from tests.support.story import Story, at, employment

DAY = date(2025, 12, 31)


def attended(story: Story, who: str, code: str, day: str, minutes: int) -> None:
    """A session of that day, attended and attested by one person of the municipality."""
    story.person(who, employment(who, code))
    session = story.session(f"{who} {day}", (at(day), 480))
    story.attended(session, who, minutes, at_employer=code)


def test_project_attainment_is_the_sum_of_hours_by_the_sum_of_commitments() -> None:
    story = Story()
    story.municipality("1884", (1_000, "2025-01-01"), name="Nora")
    story.municipality("1885", (9_000, "2025-01-01"), name="Lindesberg")
    attended(story, "Ada", "1884", "2025-03-03", 400)
    attended(story, "Bea", "1885", "2025-03-03", 300)
    answer = cofinancing(story.facts(), DAY)
    assert answer["project"] == {
        "commitment_minutes": 10_000,
        "attested_minutes": 700,
        "claimable_minutes": 700,
        "attainment": 0.07,  # not the mean of 0.4 and 0.0333
        "unmatched_minutes": 0,
    }
    shown = [(line["code"], line["name"], line["attainment"]) for line in answer["municipalities"]]
    assert shown == [("1884", "Nora", 0.4), ("1885", "Lindesberg", 0.0333)]


def test_attainment_may_exceed_the_commitment_and_is_rounded_half_up() -> None:
    story = Story()
    story.municipality("1863", (400, "2025-01-01"))
    attended(story, "Ada", "1863", "2025-03-03", 444)
    assert cofinancing(story.facts(), DAY)["municipalities"][0]["attainment"] == 1.11


def test_attainment_uses_unrounded_minutes() -> None:
    story = Story()
    story.project(("rounding", {"unit_minutes": 60, "mode": "down", "per": "occasion"}, "2025-01-01"))
    story.municipality("1884", (1_000, "2025-01-01"))
    attended(story, "Ada", "1884", "2025-03-03", 119)
    [line] = cofinancing(story.facts(), DAY)["municipalities"]
    assert (line["attested_minutes"], line["claimable_minutes"], line["attainment"]) == (119, 60, 0.119)


def test_as_of_takes_occasions_to_that_day_and_the_commitment_in_force() -> None:
    story = Story()
    story.municipality("1884", (1_000, "2025-01-01"), (2_000, "2025-07-01"))
    attended(story, "Ada", "1884", "2025-06-30", 100)
    attended(story, "Ada", "1884", "2025-07-01", 100)
    june, july = (cofinancing(story.facts(), day)["municipalities"][0] for day in (date(2025, 6, 30), date(2025, 7, 1)))
    assert (june["attested_minutes"], june["commitment_minutes"], june["attainment"]) == (100, 1_000, 0.1)
    assert (july["attested_minutes"], july["commitment_minutes"], july["attainment"]) == (200, 2_000, 0.1)


def test_a_forecast_as_of_a_day_to_come_looks_ahead_from_today() -> None:
    """Days that have not been tell of no pace, and what is booked on them is still to come."""
    story = Story()
    story.project()
    story.municipality("1884", (1_000, "2025-01-01"))
    attended(story, "Ada", "1884", "2025-06-30", 100)
    story.confirmed(story.session("autumn", (at("2025-10-01"), 480)), "Ada")
    today = date(2025, 7, 1)
    [then], [now] = (cofinancing(story.facts(), day, today)["municipalities"] for day in (DAY, today))
    assert then == now
    assert now["forecast"]["low"] > 0.1


def test_before_its_first_commitment_a_municipality_has_no_attainment() -> None:
    story = Story()
    story.municipality("1884", (1_000, "2026-01-01"))
    [line] = cofinancing(story.facts(), DAY)["municipalities"]
    assert (line["commitment_minutes"], line["attainment"], line["forecast"]["at_end"]) == (0, None, None)


def test_hours_without_an_employment_are_nobodys_and_shown() -> None:
    story = Story()
    story.municipality("1884", (1_000, "2025-01-01"))
    attended(story, "Ada", "1884", "2025-03-03", 100)
    story.person("Eva", employment("Eva", "1884", until="2025-01-31"))
    session = story.session("s", (at("2025-03-03"), 60))
    story.attended(session, "Eva", 60)
    answer = cofinancing(story.facts(), DAY)
    assert answer["project"] == {
        "commitment_minutes": 1_000,
        "attested_minutes": 160,
        "claimable_minutes": 100,
        "attainment": 0.16,
        "unmatched_minutes": 60,
    }
    assert answer["municipalities"][0]["attested_minutes"] == 100
    minutes = figures(story.facts(), Period(date(2025, 1, 1), DAY))["minutes"]
    assert (minutes["attested"], minutes["unmatched_minutes"], minutes["claimable"]) == (160, 60, 100)


MONTHLY = ("rounding", {"unit_minutes": 60, "mode": "down", "per": "person_month"}, "2025-01-01")


def test_a_day_within_a_month_that_is_rounded_as_a_whole_has_nothing_claimable() -> None:
    story = Story()
    story.project(MONTHLY)
    story.municipality("1884", (1_000, "2025-01-01"))
    attended(story, "Ada", "1884", "2025-03-03", 100)
    attended(story, "Ada", "1884", "2025-03-24", 100)
    cut, whole = (cofinancing(story.facts(), date(2025, 3, day))["project"] for day in (15, 31))
    assert (cut["attested_minutes"], cut["claimable_minutes"]) == (100, None)
    assert (whole["attested_minutes"], whole["claimable_minutes"]) == (200, 180)
    nobody_asked = cofinancing(story.facts(), date(2025, 3, 25), everything=True)["project"]
    assert nobody_asked["claimable_minutes"] == 180


def test_without_a_day_the_question_is_about_today_or_the_last_attested_occasion() -> None:
    story = Story()
    attended(story, "Ada", "1884", "2025-03-03", 100)
    assert latest_day(story.facts(), date(2025, 2, 1)) == date(2025, 3, 3)
    assert latest_day(story.facts(), date(2025, 4, 1)) == date(2025, 4, 1)


PROJECT = Period(date(2025, 1, 1), date(2025, 12, 31))
HALF = date(2025, 7, 2)  # 183 days gone, 182 to come


def foreseen(**known: int) -> dict[str, Any]:
    standing = {"commitment": 1_000, "attested": 0, "recent": 0, "scheduled_so_far": 0, "booked": 0} | known
    return forecast(Standing(**standing), PROJECT, HALF, Fraction(1))


def test_the_forecast_goes_on_at_the_pace_so_far() -> None:
    answer = foreseen(attested=183)
    assert answer["forecast"] == {"at_end": 0.365, "low": 0.183, "high": 0.365}
    assert answer["to_close_gap_minutes"] == 635


def test_booked_seats_count_by_the_show_rate() -> None:
    answer = foreseen(attested=90, scheduled_so_far=100, booked=500)
    assert answer["forecast"] == {"at_end": 0.54, "low": 0.54, "high": 0.59}


def test_nothing_is_missing_where_the_commitment_will_be_met() -> None:
    assert foreseen(attested=900)["to_close_gap_minutes"] == 0


def test_after_the_project_the_forecast_is_what_was_attested() -> None:
    standing = Standing(commitment=1_000, attested=420, recent=0, scheduled_so_far=0, booked=0)
    answer = forecast(standing, PROJECT, date(2026, 3, 1), Fraction(1))
    assert answer == {"forecast": {"at_end": 0.42, "low": 0.42, "high": 0.42}, "to_close_gap_minutes": 580}
