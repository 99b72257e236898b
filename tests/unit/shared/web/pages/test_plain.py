"""What a page says of a refusal: in its own words, not in those of the API."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request

from services.booking.registrations.problems import registration_missing
from shared.web.errors import OUTCOME_UNKNOWN
from shared.web.pages.languages import LANGUAGE
from shared.web.pages.plain import FIELDS, PROBLEMS, said
from shared.web.pages.views import Entered, Form
from shared.web.problems import FieldError, conflict


@pytest.fixture(params=["sv", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    token = LANGUAGE.set(request.param)
    yield request.param
    LANGUAGE.reset(token)


def test_what_is_not_there_is_told_without_an_id(language: str) -> None:
    assert (
        said(registration_missing())
        == {"sv": "Anmälan finns inte.", "en": "The registration does not exist."}[language]
    )


def test_a_form_that_was_saved_perhaps_may_be_sent_again(language: str) -> None:
    assert ("inte två gånger" if language == "sv" else "not saved twice") in said(OUTCOME_UNKNOWN)


def test_no_sentence_of_ours_names_a_header_or_a_type(language: str) -> None:
    sentences = [*(said(FieldError("/x", code, "", "")) for code in FIELDS)]
    sentences += [said(conflict(name, "", "")) for name in PROBLEMS]
    assert all(sentences)
    assert [one for one in sentences if any(word in one for word in ("Idempotency", "If-Match", "UUID", "null"))] == []


def test_everything_else_is_said_as_it_is(language: str) -> None:
    full = conflict("session-full", "Fullt.", "Full.")
    assert said(full) == {"sv": "Fullt.", "en": "Full."}[language]


def form(name: str, key: str = "first") -> Form:
    """The form of a page that was sent with a key and refused by a problem of this name."""
    refused = Entered({"_key": [key], "venue": ["Salen"]}, conflict(name, "Nej.", "No."))
    return Form(Request({"type": "http", "entered": refused}), None)


def test_a_form_that_was_refused_keeps_its_key_so_that_nothing_is_saved_twice() -> None:
    assert form("busy").key == "first"


def test_a_key_that_was_used_for_something_else_is_not_sent_again() -> None:
    assert form("idempotency-key-reused").key != "first"
    assert form("invalid-idempotency-key", "x" * 300).key != "x" * 300
    assert form("busy", key="").key != ""
