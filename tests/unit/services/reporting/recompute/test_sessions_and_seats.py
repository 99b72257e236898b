"""Sessions and seats: the day of the last occasion, the moment of the start, and each registration's fate."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unicodedata import normalize

import pytest

from services.reporting.days import Period
from services.reporting.recompute.figures import figures
from shared.contracts import booking_v1
from tests.support.story import Session, Story, at, employment, id_of, occasion

YEAR = Period(at("2025-01-01").date(), at("2025-12-31").date())
START = at("2025-03-03")


def of_year(story: Story, **narrowed: str) -> dict[str, Any]:
    return figures(story.facts(), YEAR, **narrowed)


def told(*people: str, capacity: int = 10) -> tuple[Story, Session]:
    """A session on which these people are confirmed."""
    story = Story()
    session = story.session("s", (START, 180), capacity=capacity)
    for who in people:
        story.person(who)
        story.confirmed(session, who)
    return story, session


def test_a_session_is_held_once_it_is_attested_with_minutes() -> None:
    story, session = told("Ada")
    story.mark(session, "Ada", 180)
    assert of_year(story)["sessions"]["held"] == 0
    story.attest(session, ("Ada", 0))
    assert of_year(story)["sessions"]["held"] == 0
    story.attest(session, ("Ada", 180))
    assert of_year(story)["sessions"]["held"] == 1
    story.reopen(session)
    assert of_year(story)["sessions"]["held"] == 0


def test_a_session_belongs_to_the_day_of_its_last_occasion() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (at("2025-12-30"), 60), (at("2026-01-02"), 60), capacity=12)
    story.confirmed(session, "Ada")
    story.attest(session, ("Ada", 60, 0), ("Ada", 60, 1))
    answer = of_year(story)
    assert (answer["sessions"]["held"], answer["seats"]["offered"], answer["minutes"]["attested"]) == (0, 0, 60)
    next_year = figures(story.facts(), Period(at("2026-01-01").date(), at("2026-12-31").date()))
    assert (next_year["sessions"]["held"], next_year["seats"]["offered"]) == (1, 12)


def test_cancelled_sessions_are_counted_by_cause_and_their_registrations_nowhere() -> None:
    story, session = told("Ada", "Bea")
    story.cancelled(session, "Bea", when=START - timedelta(days=1), late=True)
    story.attest(session, ("Ada", 180))
    story.sign("Ada", "2025-03", (session, 180))
    story.mark(session, "Ada", 180)
    story.called_off(session, "trainer-absent")
    answer = of_year(story)
    assert answer["sessions"] == {
        "held": 0,
        "cancelled": 1,
        "cancelled_by_cause": {"trainer-absent": 1},
        "courses_offered": 0,
    }
    assert answer["seats"] == {
        "offered": 0,
        "confirmed": 0,
        "cancelled_in_time": 0,
        "cancelled_late": 0,
        "no_show": 0,
        "walk_in": 0,
        "fill_rate": None,
    }
    assert set(answer["minutes"].values()) == {0}


def test_courses_offered_have_a_session_that_is_not_cancelled() -> None:
    story = Story()
    story.session("a", (START, 60), course="TR1")
    story.session("b", (START, 60), course="TR1")
    story.called_off(story.session("c", (START, 60), course="TR2"))
    assert of_year(story)["sessions"]["courses_offered"] == 1


def test_confirmed_counts_who_held_a_seat_when_the_session_began() -> None:
    story, session = told("before", "gone", "after")
    story.person("late")
    story.cancelled(session, "gone", when=START - timedelta(minutes=1), late=True)
    story.cancelled(session, "after", when=START + timedelta(minutes=1), late=True)
    story.confirmed(session, "late", when=START + timedelta(minutes=5))
    story.attest(session, ("before", 180), ("late", 100))
    seats = of_year(story)["seats"]
    assert (seats["confirmed"], seats["cancelled_late"], seats["no_show"]) == (2, 2, 0)


def test_a_late_cancellation_of_somebody_who_then_came_is_none() -> None:
    story, session = told("came anyway", "stayed away")
    for who in ("came anyway", "stayed away"):
        story.cancelled(session, who, when=START - timedelta(hours=1), late=True)
    story.attest(session, ("came anyway", 180))
    answer = of_year(story)
    assert (answer["seats"]["cancelled_late"], answer["seats"]["confirmed"]) == (1, 1)
    assert (answer["minutes"]["attested"], answer["minutes"]["scheduled"]) == (180, 180)


def test_a_late_cancellation_of_somebody_who_came_as_a_walk_in_is_none_either() -> None:
    story, session = told("Ada")
    story.cancelled(session, "Ada", when=START - timedelta(hours=1), late=True)
    story.confirmed(session, "Ada", when=START, via="walk-in", registration_id=id_of("again"))
    story.attest(session, ("Ada", 180))
    seats = of_year(story)["seats"]
    assert (seats["cancelled_late"], seats["walk_in"], seats["confirmed"]) == (0, 1, 1)


def test_who_moves_to_another_session_has_cancelled_the_first() -> None:
    story, session = told("Ada")
    other = story.session("other", (START + timedelta(days=7), 60))
    story.move(session, "Ada", other, when=START - timedelta(days=10))
    seats = of_year(story)["seats"]
    assert (seats["cancelled_in_time"], seats["cancelled_late"]) == (1, 0)


def test_a_seat_left_late_by_a_move_counts_as_late_and_the_seat_moved_to_as_confirmed() -> None:
    story, session = told("Ada", "stays")
    other = story.session("other", (START + timedelta(days=7), 60))
    story.move(session, "Ada", other, when=START - timedelta(days=1), late=True)
    story.attest(session, ("stays", 180))
    story.attest(other, ("Ada", 60))
    answer = of_year(story)
    assert answer["seats"] | {"offered": 20, "fill_rate": 0.1} == {
        "offered": 20,
        "confirmed": 2,
        "cancelled_in_time": 0,
        "cancelled_late": 1,
        "no_show": 0,
        "walk_in": 0,
        "fill_rate": 0.1,
    }
    assert (answer["minutes"]["scheduled"], answer["unique_participants"]["total"]) == (240, 2)


def test_a_late_move_of_somebody_who_then_came_is_none() -> None:
    story, session = told("came anyway")
    other = story.session("other", (START + timedelta(days=7), 60))
    story.move(session, "came anyway", other, when=START - timedelta(days=1), late=True)
    story.attest(session, ("came anyway", 180))
    answer = of_year(story)
    assert (answer["seats"]["cancelled_late"], answer["seats"]["confirmed"]) == (0, 1)


def test_who_leaves_the_queue_by_a_move_or_for_a_substitute_gave_up_no_seat() -> None:
    story, session = told("seated")
    other = story.session("other", (START + timedelta(days=7), 60))
    for who in ("moves", "replaced", "substitute"):
        story.person(who)
    for who in ("moves", "replaced"):
        story.waitlisted(session, who)
    story.move(session, "moves", other, when=START - timedelta(days=1))
    story.substitute(session, "replaced", "substitute", when=START - timedelta(days=1), waiting=True)
    story.attest(session, ("seated", 180))
    seats = of_year(story)["seats"]
    assert (seats["confirmed"], seats["cancelled_in_time"], seats["cancelled_late"], seats["no_show"]) == (1, 0, 0, 0)


def test_the_fate_of_a_substitute_is_counted_and_not_that_of_the_one_replaced() -> None:
    story, session = told("replaced", "comes")
    story.person("stays away")
    story.substitute(session, "replaced", "stays away", when=START - timedelta(hours=1))
    story.attest(session, ("comes", 180), ("stays away", 0))
    answer = of_year(story)
    seats = answer["seats"]
    assert (seats["confirmed"], seats["no_show"], seats["cancelled_late"]) == (2, 1, 0)
    assert answer["minutes"]["scheduled"] == 360


def test_a_promoted_person_counts_and_a_waiting_one_does_not() -> None:
    story, session = told()
    for who in ("promoted", "waiting"):
        story.person(who)
        story.waitlisted(session, who)
    story.confirmed(session, "promoted", when=START - timedelta(days=1), via="promotion")
    story.attest(session, ("promoted", 180))
    story.cancelled(session, "waiting", when=START - timedelta(hours=1), late=True, was="waitlisted")
    seats = of_year(story)["seats"]
    assert (seats["confirmed"], seats["cancelled_late"], seats["cancelled_in_time"]) == (1, 0, 0)


def test_a_no_show_is_confirmed_without_minutes_and_without_excuse() -> None:
    story, session = told("came", "stayed away", "ill")
    story.attest(session, ("came", 180), ("stayed away", 0), ("ill", 0), excused=["ill"])
    assert of_year(story)["seats"]["no_show"] == 1


def test_no_show_needs_an_attested_roll() -> None:
    story, session = told("Ada")
    story.mark(session, "Ada", 0)
    assert of_year(story)["seats"]["no_show"] == 0
    story.attest(session, ("Ada", 0))
    assert of_year(story)["seats"]["no_show"] == 1


def test_who_was_registered_after_the_seal_is_not_a_no_show_also_when_it_is_dated_before_the_session() -> None:
    story, session = told("came")
    story.attest(session, ("came", 180))
    story.person("entered afterwards")
    story.confirmed(session, "entered afterwards", when=START - timedelta(days=1))
    seats = of_year(story)["seats"]
    assert (seats["confirmed"], seats["no_show"]) == (2, 0)
    assert figures(replace(story.facts(), rules=2), YEAR)["seats"]["no_show"] == 1, "as frozen reports have it"


def test_who_attended_one_of_two_occasions_is_no_no_show() -> None:
    story = Story()
    story.person("Ada")
    session = story.session("s", (START, 60), (at("2025-03-04"), 60))
    story.confirmed(session, "Ada")
    story.attest(session, ("Ada", 60, 0), ("Ada", 0, 1))
    assert of_year(story)["seats"]["no_show"] == 0


def test_a_substitution_makes_no_no_show_for_the_one_replaced() -> None:
    story, session = told("replaced")
    story.person("substitute")
    story.substitute(session, "replaced", "substitute", when=START + timedelta(minutes=10))
    story.attest(session, ("replaced", 0), ("substitute", 150))
    seats = of_year(story)["seats"]
    assert (seats["confirmed"], seats["no_show"]) == (1, 0)


def test_the_fill_rate_counts_attended_persons_walk_ins_too() -> None:
    story, session = told("Ada", "Bea", capacity=3)
    story.person("Cia")
    story.confirmed(session, "Cia", when=START + timedelta(minutes=5), via="walk-in")
    story.attest(session, ("Ada", 180), ("Bea", 0), ("Cia", 120))
    seats = of_year(story)["seats"]
    assert seats == {
        "offered": 3,
        "confirmed": 2,
        "cancelled_in_time": 0,
        "cancelled_late": 0,
        "no_show": 1,
        "walk_in": 1,
        "fill_rate": 0.6667,
    }


def test_capacity_is_the_last_one() -> None:
    story, session = told("Ada", capacity=10)
    story.changed(session, booking_v1.SessionCapacityChanged, capacity=8)
    story.attest(session, ("Ada", 180))
    assert of_year(story)["seats"]["offered"] == 8


def test_minutes_sealed_on_an_occasion_that_was_moved_away_keep_their_day() -> None:
    story, session = told("Ada")
    story.attest(session, ("Ada", 180))
    later = occasion("later", 0, at("2026-02-02"), 180, 0)
    story.rescheduled(session, later)
    assert of_year(story)["minutes"]["attested"] == 180


@pytest.mark.parametrize("spelling", ["Åk2", "åK2", normalize("NFD", "ÅK2")])
def test_the_course_filter_takes_only_its_sessions_whatever_the_spelling(spelling: str) -> None:
    story, session = told("Ada")
    other = story.session("other", (START, 60), course="Åk2", capacity=4)
    story.confirmed(other, "Ada")
    for one in (session, other):
        story.attest(one, ("Ada", 60))
    answer = of_year(story, course=spelling)
    assert (answer["sessions"]["held"], answer["seats"]["offered"], answer["participations"]["total"]) == (1, 4, 1)


def test_a_municipality_sees_the_sessions_that_it_hosts_and_the_seats_of_its_own_staff() -> None:
    story, session = told("Ada", "Bea")
    other = story.session("other", (START, 60), host="1885", course="TR2")
    story.called_off(story.session("cancelled", (START, 60), host="1885"))
    story.person("Eva", employment("Eva", "1885"))
    story.confirmed(other, "Eva", at_employer="1885")
    story.attest(session, ("Ada", 60), ("Bea", 0))
    story.attest(other, ("Eva", 60))
    own = of_year(story, municipality="1884")
    assert (own["sessions"]["held"], own["seats"]["confirmed"], own["seats"]["no_show"]) == (0, 2, 1)
    assert (own["seats"]["offered"], own["seats"]["fill_rate"]) == (None, None)
    theirs = of_year(story, municipality="1885")
    assert (theirs["seats"]["confirmed"], theirs["seats"]["no_show"]) == (1, 0)
    assert theirs["sessions"] == {
        "held": 1,
        "cancelled": 1,
        "cancelled_by_cause": {"too-few": 1},
        "courses_offered": 1,
    }


def test_trainers_are_counted_at_the_end_of_the_period() -> None:
    story = Story()
    story.qualified("active", "2025-01-15")
    story.qualified("later", "2025-02-01", starts="2026-01-01")
    story.qualified("left", "2025-02-01", ends="2025-12-31")
    story.qualified("too late", "2026-01-01")
    assert of_year(story)["trainers"] == {"qualified": {"KlinSim1": 3}, "starting_later": 1, "left": 1}


def test_the_last_head_count_of_an_occasion_counts() -> None:
    story, session = told()
    story.head_count(session, 9)
    story.head_count(session, 11)
    answer = of_year(story)
    assert (answer["approximate"]["head_counts"], answer["unique_participants"]["total"]) == (11, 0)
    assert of_year(story, municipality="1884")["approximate"]["head_counts"] is None


def test_a_late_cancellation_of_somebody_there_whose_confirmation_has_not_arrived_is_nothing() -> None:
    """The confirmation may be a dead letter: no figure stops."""
    story = Story()
    session = story.session("s", (at("2025-03-03"), 180))
    story.person("Ada")
    story.confirmed(session, "Ada")
    [confirmed] = story.told[-1:]
    story.cancelled(session, "Ada", when=at("2025-03-02"), late=True)
    story.attest(session, ("Ada", 180))
    facts = story.facts(one for one in story.told if one is not confirmed)
    assert figures(facts, YEAR)["seats"]["cancelled_late"] == 0


def test_a_seat_taken_back_after_the_session_was_not_cancelled_in_time() -> None:
    """The employment had ended before, as is found out afterwards; the person was there."""
    story = Story()
    session = story.session("march", (at("2025-03-03"), 60))
    for who in ("Ada", "Bea"):
        story.person(who)
        story.confirmed(session, who)
    story.attest(session, ("Ada", 60), ("Bea", 0))
    for who in ("Ada", "Bea"):
        story.cancelled(session, who, when=at("2025-06-01"), late=False)
    facts = story.facts()
    seats, by_rules_before = (figures(one, YEAR)["seats"] for one in (facts, replace(facts, rules=2)))
    assert (seats["confirmed"], seats["cancelled_in_time"], seats["no_show"]) == (2, 0, 0)
    assert by_rules_before["cancelled_in_time"] == 2


def test_a_walk_in_taken_back_after_the_session_still_came() -> None:
    """The employment had ended before, as is found out afterwards; one was there, one was entered by mistake."""
    story = Story()
    session = story.session("march", (at("2025-03-03"), 60))
    for who in ("Ada", "Bea"):
        story.person(who)
        story.confirmed(session, who, via="walk-in", when=at("2025-03-03") + timedelta(minutes=5))
    story.attest(session, ("Ada", 60))
    for who in ("Ada", "Bea"):
        story.cancelled(session, who, when=at("2025-06-01"), late=False)
    facts = story.facts()
    seats, by_rules_before = (figures(one, YEAR)["seats"] for one in (facts, replace(facts, rules=3)))
    assert (seats["walk_in"], seats["cancelled_in_time"], seats["no_show"]) == (1, 0, 0)
    assert (by_rules_before["walk_in"], by_rules_before["cancelled_in_time"]) == (0, 2), "as frozen reports have it"
