"""A form is read as the object that it stands for."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from services.attendance.surveys.bodies import AnswersBody
from services.booking.registrations.bodies import RegistrationsBody
from services.booking.sessions.bodies import SessionBody, SessionPatch
from services.booking.staff.bodies import StaffPatch
from services.reporting.schedules.bodies import ScheduleBody
from shared.web.pages.forms import as_written, nested

STAFF = TypeAdapter[Any](StaffPatch)
SESSION = TypeAdapter[Any](SessionBody)
SESSION_PATCH = TypeAdapter[Any](SessionPatch)
ANSWERS = TypeAdapter[Any](AnswersBody)
SCHEDULE = TypeAdapter[Any](ScheduleBody)
REGISTRATIONS = TypeAdapter[Any](RegistrationsBody)


def test_an_empty_field_is_null_where_null_is_taken_and_missing_elsewhere() -> None:
    assert nested({"email": [""], "workplace": ["  "]}, STAFF) == {"email": None, "workplace": None}
    assert nested({"venue": [""], "course": ["TR1"]}, SESSION) == {"course": "TR1"}


def test_a_field_that_takes_a_list_gets_one_also_of_one() -> None:
    assert nested({"staff": ["a"]}, REGISTRATIONS) == {"staff": ["a"]}
    assert nested({"staff": ["a", "", "b"]}, REGISTRATIONS) == {"staff": ["a", "b"]}


def test_a_path_is_an_object_inside_an_object() -> None:
    values = {"override.reason": ["because"], "staff": ["a"]}
    assert nested(values, REGISTRATIONS) == {"override": {"reason": "because"}, "staff": ["a"]}


def test_an_empty_field_before_says_that_an_object_of_any_names_is_there() -> None:
    """A browser sends nothing of radios of which none is chosen."""
    assert nested({"answers": [""]}, ANSWERS) == {"answers": {}}
    assert nested({"answers": [""], "answers.helped": ["high"]}, ANSWERS) == {"answers": {"helped": "high"}}


def test_numbered_parts_are_a_list_in_their_order() -> None:
    values = {"occasions.10.starts_at": ["x"], "occasions.2.starts_at": ["y"], "occasions.2.break_minutes": ["15"]}
    assert nested(values, SESSION) == {"occasions": [{"starts_at": "y", "break_minutes": "15"}, {"starts_at": "x"}]}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2027-03-02T09:00", "2027-03-02T09:00:00+01:00"), ("2027-07-02T09:00", "2027-07-02T09:00:00+02:00")],
)
def test_a_time_of_a_browser_is_swedens(written: str, meant: str) -> None:
    assert nested({"occasions.0.starts_at": [written]}, SESSION) == {"occasions": [{"starts_at": meant}]}


def test_a_name_that_there_is_none_of_is_left_for_the_body_to_refuse() -> None:
    assert nested({"nowhere": ["x"], "email.inside": ["y"]}, STAFF) == {"nowhere": "x", "email": {"inside": "y"}}


def test_names_that_are_numbers_are_a_list_only_where_the_body_has_one() -> None:
    shares = {"seat_shares": [""], "seat_shares.1884": ["2"], "seat_shares.1880": [""]}
    assert nested(shares, SESSION) == {"seat_shares": {"1884": "2"}}


def test_an_empty_field_empties_what_nothing_is_said_of() -> None:
    rows = {"occasions": [""], "occasions.0.starts_at": ["x"]}
    assert nested(rows, SESSION_PATCH) == {"occasions": [{"starts_at": "x"}]}
    assert nested({"seat_shares": [""], "trainers": [""]}, SESSION_PATCH) == {"seat_shares": None, "trainers": []}


@pytest.mark.parametrize(
    ("body", "values", "pointer", "line"),
    [
        (SCHEDULE, {"to.0": [""], "to.1": ["no address"]}, "/to/0", "/to/1"),
        (SCHEDULE, {"to.0": ["a@b.se"], "to.1": [" "], "to.10": ["no address"]}, "/to/1", "/to/10"),
        (SCHEDULE, {"to.0": [""]}, "/to", "/to"),
        (
            SESSION,
            {"occasions.0.starts_at": [""], "occasions.2.starts_at": ["x"]},
            "/occasions/0/starts_at",
            "/occasions/2/starts_at",
        ),
        (SESSION, {"occasions.1.starts_at": ["x"]}, "/occasions/0/ends_at", "/occasions/1/ends_at"),
        (SESSION, {"seat_shares.1884": ["x"]}, "/seat_shares/1884", "/seat_shares/1884"),
        (REGISTRATIONS, {"staff": ["", "a"]}, "/staff/0", "/staff/0"),
        (SESSION, {"venue": ["x"]}, "/venue", "/venue"),
        (SESSION, {}, "", ""),
    ],
)
def test_a_pointer_leads_to_the_line_that_was_written(
    body: TypeAdapter[Any], values: dict[str, list[str]], pointer: str, line: str
) -> None:
    """Lines left empty, or ticked away, are no part of the list."""
    assert as_written(values, body, pointer) == line
