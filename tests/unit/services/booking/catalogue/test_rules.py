"""Prerequisites, organisation numbers and titles."""

import pytest

from services.booking.catalogue.rules import org_number, prerequisite_circle, title_code, unknown_codes

TITLES = {"assistant_nurse": "Undersköterska", "nurse": "Sjuksköterska", "OAS": None}


def test_a_course_cannot_require_itself() -> None:
    assert prerequisite_circle("TR1", ["TR1"], {}) == ["TR1", "TR1"]


def test_a_circle_over_several_courses_is_found() -> None:
    assert prerequisite_circle("TR1", ["TR3"], {"TR1": [], "TR2": ["TR1"], "TR3": ["TR2"]}) == [
        "TR1",
        "TR3",
        "TR2",
        "TR1",
    ]


def test_two_ways_to_one_prerequisite_are_no_circle() -> None:
    assert prerequisite_circle("D", ["B", "C"], {"A": [], "B": ["A"], "C": ["A"]}) == []


def test_unknown_codes_keep_their_order() -> None:
    assert unknown_codes(["X", "A", "Y"], ["A"]) == ["X", "Y"]


@pytest.mark.parametrize("text", ["212000-2007", "2120002007", " 212000-2007 "])
def test_an_organisation_number_has_one_form(text: str) -> None:
    assert org_number(text) == "212000-2007"


@pytest.mark.parametrize(
    "text",
    [
        "212000-2008",  # wrong check digit
        "21200-2007",
        "",
        "811218-9876",  # a personal number: its third digit is 0 or 1
        "２12000-2007",
    ],
)
def test_what_is_no_organisation_number_is_refused(text: str) -> None:
    assert org_number(text) is None


@pytest.mark.parametrize("text", ["assistant_nurse", "Undersköterska", " UNDERSKÖTERSKA ", "Assistant_Nurse"])
def test_a_title_is_kept_as_its_code(text: str) -> None:
    assert title_code(text, TITLES) == "assistant_nurse"


def test_any_other_title_is_kept_as_it_is() -> None:
    assert title_code(" Kock ", TITLES) == "Kock"
