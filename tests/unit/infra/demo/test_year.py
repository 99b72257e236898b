"""The plan of the year: what it promises whatever the seed."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

import pytest

from infra.demo.catalogue import COMMITMENT_MINUTES, municipalities, shares
from infra.demo.plan import FULL, SMALL, TINY, PlannedSession, Size, Year
from infra.demo.workdays import is_workday
from infra.demo.year import plan_year

SIZES = (FULL, SMALL, TINY)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: size.name)
def year(request: pytest.FixtureRequest) -> Year:
    size: Size = request.param
    return plan_year(2025, size)


def planned(session: PlannedSession) -> list[str]:
    return [key for call in session.registrations for key in call.staff]


def test_the_same_seed_plans_the_same_year() -> None:
    assert plan_year(3, TINY) == plan_year(3, TINY)


def test_commitments_follow_the_employees_and_sum_exactly() -> None:
    assert sum(member.commitment_minutes for member in municipalities()) == COMMITMENT_MINUTES


def test_shares_of_equals_go_to_the_first() -> None:
    assert shares(11, [1, 1, 1]) == [4, 4, 3]


def test_sessions_are_held_on_working_days(year: Year) -> None:
    assert all(is_workday(day) for session in year.sessions for day in session.days)


def test_the_hours_of_a_session_are_those_of_its_course(year: Year) -> None:
    assert all(session.minutes == session.course.duration_minutes for session in year.sessions)


def test_no_trainer_is_in_two_places_on_a_day(year: Year) -> None:
    taken = Counter((key, day) for session in year.sessions for key in session.trainers for day in session.days)
    assert not [place for place, count in taken.items() if count > 1]


def test_only_those_through_the_qualification_lead_simulations(year: Year) -> None:
    qualified = {trainer.key: trainer.qualified_on for trainer in year.trainers}
    simulations = [session for session in year.sessions if session.course.needs_qualification]
    assert simulations
    assert all(qualified[key] < session.first_day for session in simulations for key in session.trainers)


def test_twenty_are_qualified_seven_start_later_three_leave(year: Year) -> None:
    end = date(2025, 12, 31)
    assert sum(trainer.qualified_on <= end for trainer in year.trainers) == 20
    assert sum(trainer.active_from > end for trainer in year.trainers) == 7
    assert sum(trainer.active_to is not None and trainer.active_to <= end for trainer in year.trainers) == 3


def test_nobody_is_registered_twice_on_a_day_or_a_session(year: Year) -> None:
    taken: dict[str, Counter[date]] = defaultdict(Counter)
    for session in year.sessions:
        for key in planned(session):
            taken[year.staff[key].person.number].update(session.days)
    assert not [number for number, days in taken.items() if max(days.values()) > 1]


def test_everybody_is_in_the_target_group(year: Year) -> None:
    assert all(
        year.staff[key].title.category in session.course.categories
        for session in year.sessions
        for key in planned(session)
    )


def test_registrations_come_in_time_order_before_cancellations(year: Year) -> None:
    for session in year.sessions:
        moments = [call.at for call in session.registrations]
        assert moments == sorted(moments)
        assert session.planned_at < moments[0]
        assert all(moments[-1] < cancelling.at < session.occasions[0].starts_at for cancelling in session.cancellations)


def test_waiting_lists_form_and_some_sessions_are_called_off(year: Year) -> None:
    assert any(len(planned(session)) > session.capacity for session in year.sessions)
    assert {session.cancelled[1] for session in year.sessions if session.cancelled} == {"trainer-absent", "too-few"}


def test_answers_are_never_more_than_people(year: Year) -> None:
    assert all(len(session.answers) <= len(planned(session)) for session in year.sessions)


def test_the_full_year_has_the_public_reports_share_of_satisfied_answers() -> None:
    answers = [answer for session in plan_year(2025, FULL).sessions for answer in session.answers]
    helped = sum(answer.helped in ("high", "fairly_high") for answer in answers)
    assert round(Fraction(helped, len(answers)), 2) == Fraction(87, 100)
    assert round(sum(answer.confidence for answer in answers) / len(answers), 1) == 4.6
    assert {answer.language_support for answer in answers} == {"not_needed", "fully", "partly"}


def test_places_change_hands_within_a_municipality_the_evening_before(year: Year) -> None:
    handed = [(session, call) for session in year.sessions for call in session.substitutions]
    assert handed
    for session, call in handed:
        assert year.staff[call.staff].municipality == year.staff[call.by].municipality
        assert call.by in session.marks
        assert all(other.at < call.at < session.occasions[0].starts_at for other in session.cancellations)


def test_some_move_to_a_later_session_of_their_course() -> None:
    sessions = {session.key: session for session in plan_year(2025, FULL).sessions}
    moves = [(session, call) for session in sessions.values() for call in session.moves]
    assert moves
    for left, call in moves:
        target = sessions[call.to]
        assert (target.course, call.staff in target.marks) == (left.course, True)
        assert target.planned_at < call.at < left.occasions[0].starts_at < target.occasions[0].starts_at
