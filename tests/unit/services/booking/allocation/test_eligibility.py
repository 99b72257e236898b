"""Who may be registered: product rule 4, one test per sentence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest

from services.booking.allocation.eligibility import (
    Attended,
    Booked,
    Demands,
    Obstacle,
    Occupation,
    Person,
    Refusal,
    refusal,
)
from services.booking.allocation.rules import Period
from services.booking.registrations.rules import Reason, is_neutral

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
SESSION, OTHER = UUID(int=1), UUID(int=2)
NURSE = Occupation("assistant_nurse", "base")


def demands(
    *, categories: Sequence[str] = ("base",), titles: Sequence[str] = (), requires: Sequence[str] = ()
) -> Demands:
    return Demands(
        SESSION,
        "TR2",
        NINE.date(),
        [Period(NINE, NINE + 3 * HOUR)],
        frozenset(categories),
        frozenset(titles),
        requires,
        Fraction(4, 5),
    )


def person(
    occupation: Occupation | None = NURSE, booked: Sequence[Booked] = (), attended: Sequence[Attended] = ()
) -> Person:
    return Person(UUID(int=7), occupation, booked, attended)


def booked(
    start: datetime,
    *,
    session: UUID = OTHER,
    course: str = "TR1",
    confirmed: bool = True,
    judged: bool = False,
) -> Booked:
    return Booked(UUID(int=9), session, "1880", course, confirmed, judged, [Period(start, start + HOUR)])


def obstacle(who: Person, what: Demands, *, overridden: bool = False) -> Obstacle | None:
    found = refusal(who, what, overridden=overridden)
    return found.obstacle if found else None


def test_an_employed_person_of_the_target_group_may_take_part() -> None:
    assert refusal(person(), demands()) is None


def test_a_person_is_not_registered_twice_on_one_session() -> None:
    assert obstacle(person(booked=[booked(NINE, session=SESSION)]), demands()) is Obstacle.ALREADY_REGISTERED


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_person_is_not_in_two_places_at_once_not_even_waiting(confirmed: bool) -> None:
    who = person(booked=[booked(NINE + 2 * HOUR, confirmed=confirmed)])
    assert obstacle(who, demands()) is Obstacle.OVERLAPPING


def test_sessions_that_touch_do_not_overlap() -> None:
    assert refusal(person(booked=[booked(NINE - HOUR), booked(NINE + 3 * HOUR)]), demands()) is None


def test_no_employment_in_force_on_the_first_day() -> None:
    assert obstacle(person(occupation=None), demands()) is Obstacle.NOT_EMPLOYED


def test_the_category_belongs_to_the_courses_target_group() -> None:
    assert obstacle(person(), demands(categories=["licensed"])) is Obstacle.NOT_IN_TARGET_GROUP


def test_titles_narrow_the_target_group() -> None:
    assert obstacle(person(), demands(titles=["support_assistant"])) is Obstacle.NOT_IN_TARGET_GROUP
    assert refusal(person(), demands(titles=["assistant_nurse"])) is None


def test_a_prerequisite_must_be_attended_or_booked_before() -> None:
    found = refusal(person(), demands(requires=["TR1"]))
    assert found is not None
    assert (found.obstacle, found.about) == (Obstacle.PREREQUISITE_MISSING, "TR1")


@pytest.mark.parametrize(("minutes", "met"), [(336, True), (335, False), (0, False)])
def test_a_prerequisite_is_attended_from_the_projects_share_of_the_minutes(minutes: int, met: bool) -> None:
    who = person(attended=[Attended("TR1", minutes, 420)])
    assert (refusal(who, demands(requires=["TR1"])) is None) is met


def test_a_prerequisite_counts_when_a_confirmed_place_of_it_ends_before() -> None:
    assert refusal(person(booked=[booked(NINE - HOUR)]), demands(requires=["TR1"])) is None


def test_a_waiting_place_or_one_that_ends_later_is_no_prerequisite() -> None:
    waiting = person(booked=[booked(NINE - HOUR, confirmed=False)])
    later = person(booked=[booked(NINE + 24 * HOUR)])
    for who in (waiting, later):
        assert obstacle(who, demands(requires=["TR1"])) is Obstacle.PREREQUISITE_MISSING


def test_once_the_roll_is_attested_the_minutes_tell_and_not_the_booking() -> None:
    who = person(booked=[booked(NINE - HOUR, judged=True)], attended=[Attended("TR1", 0, 420)])
    assert obstacle(who, demands(requires=["TR1"])) is Obstacle.PREREQUISITE_MISSING


def test_a_coordinator_overrides_target_group_and_prerequisites() -> None:
    assert refusal(person(), demands(categories=["licensed"], requires=["TR1"]), overridden=True) is None


def test_nobody_overrides_overlap_or_employment() -> None:
    assert obstacle(person(booked=[booked(NINE)]), demands(), overridden=True) is Obstacle.OVERLAPPING
    assert obstacle(person(occupation=None), demands(), overridden=True) is Obstacle.NOT_EMPLOYED


def test_a_refusal_says_which_course_day_or_session_it_is_about_by_names_that_people_know() -> None:
    named = replace(
        demands(titles=["other"], requires=["TR1"]),
        title="Trygg 2",
        titles_in_words=["Undersköterska", "Stödassistent"],
        required={"TR1": "Trygg 1"},
    )
    whom = "Trygg 2 (Undersköterska, Stödassistent)"
    assert refusal(person(occupation=None), demands()) == Refusal(Obstacle.NOT_EMPLOYED, "2025-03-03")
    assert refusal(person(), named) == Refusal(Obstacle.NOT_IN_TARGET_GROUP, whom)
    assert refusal(person(), replace(named, titles=frozenset())) == Refusal(Obstacle.PREREQUISITE_MISSING, "Trygg 1")
    elsewhere = replace(booked(NINE), named="Trygg 1 2025-03-03")
    assert refusal(person(booked=[elsewhere]), demands()) == Refusal(Obstacle.OVERLAPPING, elsewhere.named, "1880")


def test_where_else_a_person_is_booked_is_told_to_who_booked_it_and_to_the_office() -> None:
    found = Refusal(Obstacle.OVERLAPPING, "Trygg 1 2025-03-03", "1880")
    assert found.as_seen_by("1884") == Refusal(Obstacle.OVERLAPPING)
    assert found.as_seen_by("1880") == found.as_seen_by(None) == found
    missing = Refusal(Obstacle.PREREQUISITE_MISSING, "TR1")
    assert missing.as_seen_by("1884") == missing


def test_a_changed_job_is_always_neutral() -> None:
    assert is_neutral(Reason.CHANGED_JOB, illness_neutral=False)


def test_illness_is_neutral_only_while_the_project_says_so() -> None:
    assert is_neutral(Reason.ILLNESS, illness_neutral=True)
    assert not is_neutral(Reason.ILLNESS, illness_neutral=False)
    assert not is_neutral(Reason.WORK, illness_neutral=True)
