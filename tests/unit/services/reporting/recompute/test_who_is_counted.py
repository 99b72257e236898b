"""Unique participants and participations: once, by the attributes in force when it happened."""

from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.figures import figures
from tests.support.story import Story, at, employment, id_of

YEAR = Period(at("2025-01-01").date(), at("2025-12-31").date())


def of_year(story: Story, **narrowed: str) -> dict[str, Any]:
    return figures(story.facts(), YEAR, **narrowed)


def of(first: str, last: str) -> Period:
    return Period(at(first).date(), at(last).date())


def test_a_person_on_two_sessions_is_one_participant_and_two_participations() -> None:
    story = Story()
    story.person("Ada")
    for name in ("s1", "s2"):
        session = story.session(name, (at("2025-03-03"), 180))
        story.attended(session, "Ada", 180)
    answer = of_year(story)
    assert answer["unique_participants"]["total"] == 1
    assert answer["participations"] == {
        "total": 2,
        "by_category": {"base": 2, "licensed": 0, "other": 0},
        "by_title": {"assistant_nurse": 2},
        "by_course": {"TR1": 2},
        "by_municipality": {"1884": 2},
    }


def test_who_attended_no_minutes_is_not_counted() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (at("2025-03-03"), 180))
    story.confirmed(session, "Ada")
    story.mark(session, "Ada", 180)
    story.attest(session, ("Ada", 0))
    answer = of_year(story)
    assert (answer["unique_participants"]["total"], answer["participations"]["total"]) == (0, 0)


def test_a_person_of_two_municipalities_is_one_in_the_county_and_one_at_each() -> None:
    story = Story()
    story.person("Ada", employment("Ada", "1884"), employment("Ada", "1885"))
    for code in ("1884", "1885"):
        session = story.session(code, (at("2025-03-03"), 180))
        story.attended(session, "Ada", 180, at_employer=code)
    people = of_year(story)["unique_participants"]
    assert (people["total"], people["by_municipality"]) == (1, {"1884": 1, "1885": 1})
    assert of_year(story, municipality="1885")["participations"]["total"] == 1


def test_a_participation_belongs_to_every_period_with_an_attended_occasion() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (at("2025-03-31"), 60), (at("2025-04-01"), 60), (at("2025-05-02"), 60))
    story.confirmed(session, "Ada")
    story.attest(session, ("Ada", 60, 0), ("Ada", 60, 1), ("Ada", 0, 2))
    counted = [
        figures(story.facts(), of(f"2025-{month}-01", f"2025-{month}-30"))["participations"]["total"]
        for month in ("03", "04", "05")
    ]
    assert counted == [0, 1, 0]  # March without its 31st
    assert figures(story.facts(), of("2025-03-01", "2025-04-30"))["participations"]["total"] == 1


def test_the_day_of_an_occasion_is_the_local_one() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (at("2025-12-31", 23, 30), 20))  # 2026-01-01 00:30 in Stockholm
    story.attended(session, "Ada", 20)
    assert of_year(story)["minutes"]["attested"] == 0
    assert figures(story.facts(), of("2026-01-01", "2026-01-01"))["minutes"]["attested"] == 20


def test_the_age_is_that_of_the_year_of_the_first_attended_occasion_in_the_project() -> None:
    story = Story()
    story.person("Ada", birth_year=1996)
    for name, day in (("first", "2025-06-01"), ("second", "2026-02-01")):
        session = story.session(name, (at(day), 60), course=name)
        story.attended(session, "Ada", 60)
    later = figures(story.facts(), of("2026-01-01", "2026-12-31"), course="second")
    assert later["unique_participants"]["by_age"]["18_29"] == 1  # 29 in 2025, although 30 in the period


def test_age_groups_have_their_limits() -> None:
    story = Story()
    born = {"a": 2008, "b": 2007, "c": 1996, "d": 1995, "e": 1971, "f": 1970, "g": None}
    session = story.session("s", (at("2025-03-03"), 60))
    for who, year in born.items():
        story.person(who, birth_year=year)
        story.confirmed(session, who)
    story.attest(session, *((who, 60) for who in born))
    by_age = of_year(story)["unique_participants"]["by_age"]
    assert by_age == {"under_18": 1, "18_29": 2, "30_54": 2, "55_plus": 1, "unknown": 1}


def test_an_erased_person_stays_in_the_figures_with_the_age_group() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (at("2025-03-03"), 60))
    story.attended(session, "Ada", 60)
    before = of_year(story)["unique_participants"]
    story.person("Ada", birth_year=None, erased=True, age_group="30_54")
    assert of_year(story)["unique_participants"] == before


def test_title_and_category_are_those_of_the_first_attended_occasion_of_the_session() -> None:
    story = Story()
    story.person(
        "Ada",
        employment("Ada", until="2025-03-31", title="care_assistant", category="other"),
        employment("Ada", since="2025-04-01", title="nurse", category="licensed"),
    )
    session = story.session("s", (at("2025-03-30"), 60), (at("2025-04-02"), 60))
    story.confirmed(session, "Ada")
    story.attest(session, ("Ada", 60, 0), ("Ada", 60, 1))
    april = figures(story.facts(), of("2025-04-01", "2025-04-30"))["participations"]
    assert (april["by_title"], april["by_category"]["other"]) == ({"care_assistant": 1}, 1)


def test_hours_go_to_the_employment_in_force_on_the_day() -> None:
    story = Story()
    story.person("Ada", employment("Ada", "1884", until="2025-03-31"), employment("Ada", "1885", since="2025-04-01"))
    session = story.session("s", (at("2025-03-31"), 60), (at("2025-04-01"), 90))
    story.confirmed(session, "Ada", at_employer="1884")
    story.attest(session, ("Ada", 60, 0), ("Ada", 90, 1))
    assert of_year(story, municipality="1884")["minutes"]["attested"] == 60
    assert of_year(story, municipality="1885")["minutes"]["attested"] == 90


def test_the_registrations_employment_goes_before_others_in_force() -> None:
    story = Story()
    story.person("Ada", employment("Ada", "1884", since="2024-01-01"), employment("Ada", "1885", since="2020-01-01"))
    session = story.session("s", (at("2025-03-31"), 60))
    story.attended(session, "Ada", 60, at_employer="1885")
    assert of_year(story)["participations"]["by_municipality"] == {"1885": 1}


def test_without_an_employment_in_force_hours_are_unmatched_and_stay_in_the_total() -> None:
    story = Story()
    story.person("Ada", employment("Ada", until="2025-01-31"))
    session = story.session("s", (at("2025-03-03"), 60))
    story.attended(session, "Ada", 60)
    answer = of_year(story)
    assert answer["minutes"]["attested"] == 60
    assert answer["unique_participants"]["by_municipality"] == {"unmatched": 1}
    assert answer["participations"]["by_category"] == {"base": 0, "licensed": 0, "other": 0, "unmatched": 1}


def test_a_roll_before_its_session_waits() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (at("2025-03-03"), 60))
    story.attest(session, ("Ada", 60))
    without = [told for told in story.told if told.key != str(id_of("s")) or "attested" in told.type]
    assert figures(story.facts(without), YEAR)["minutes"]["attested"] == 0
    assert of_year(story)["minutes"]["attested"] == 60
