"""What a form says of a refusal: each thing once, at its field, in the words of the page."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request

from shared.web.pages.languages import LANGUAGE
from shared.web.pages.views import Entered, Form
from shared.web.problems import FieldError, invalid


@pytest.fixture(autouse=True)
def _swedish() -> Iterator[None]:
    token = LANGUAGE.set("sv")
    yield
    LANGUAGE.reset(token)


def form(*errors: tuple[str, str], **written: str) -> Form:
    """A form that was refused: pointer and sentence of each error, and what was written by name."""
    problem = invalid(*(FieldError(pointer, "x", text, text) for pointer, text in errors))
    values = {name.replace("__", "."): [value] for name, value in written.items()}
    return Form(Request({"type": "http", "entered": Entered(values, problem)}), None)


def test_what_is_wrong_with_several_alike_is_said_once() -> None:
    full = form(("/staff/0", "Fullt."), ("/staff/1", "Fullt."), ("/staff/2", "Redan anmäld."))
    assert full.errors == [
        {"text": "Fullt.", "href": "#staff.0"},
        {"text": "Redan anmäld.", "href": "#staff.2"},
    ]


def test_a_field_answers_for_its_parts() -> None:
    shown = form(("/staff/0", "Fullt."), ("/staff/1", "Fullt."))
    assert shown.error("staff", "Vem") == "Vem: Fullt."
    assert shown.errors == [{"text": "Vem: Fullt.", "href": "#staff"}]


def test_fields_that_are_called_alike_are_each_led_to() -> None:
    shown = form(("/occasions/1/starts_at", "Saknas."), ("/occasions/2/starts_at", "Saknas."))
    for number in (1, 2):
        assert shown.error(f"occasions.{number}.starts_at", "Börjar") == "Börjar: Saknas."
    assert [one["href"] for one in shown.errors] == ["#occasions.1.starts_at", "#occasions.2.starts_at"]


def test_above_fields_stands_what_is_wrong_with_them_together() -> None:
    shown = form(("/occasions", "De krockar."), ("/occasions/0/starts_at", "Har varit."))
    assert shown.error("occasions", "När", parts=False) == "När: De krockar."
    assert shown.error("occasions.0", "Tillfälle 1", parts=False) is None
    assert shown.error("occasions.0.starts_at", "Börjar") == "Börjar: Har varit."
    assert [one["text"] for one in shown.errors] == ["När: De krockar.", "Börjar: Har varit."]


def test_where_somebody_has_written_or_something_is_wrong_is_known() -> None:
    shown = form(("/occasions/3/ends_at", "Saknas."), occasions__1__starts_at="", occasions__2__starts_at="2027-03-02")
    assert [shown.has_come_to(f"occasions.{number}") for number in range(5)] == [False, False, True, True, False]


def test_what_is_chosen_is_not_filled_in() -> None:
    refused = Entered({}, invalid(FieldError("/cause", "missing", "", ""), FieldError("/venue", "missing", "", "")))
    shown = Form(Request({"type": "http", "entered": refused}), None)
    assert shown.error("cause", "Varför?", missing="Välj en orsak.") == "Varför?: Välj en orsak."
    assert shown.error("venue", "Lokal") == "Lokal: Fyll i fältet."
