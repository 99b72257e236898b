"""What a form may hold: whoever holds a link, or none, sends one, and the whole process waits while it is read."""

import time
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from services.attendance.surveys.bodies import AnswersBody
from shared.web.pages.forms import FORM, FormIntake, values_of, with_headers
from shared.web.problems import Problem


def sent(raw: bytes) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    headers = [(b"content-type", FORM.encode()), (b"content-length", str(len(raw)).encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.fixture
def intake() -> FormIntake:
    """Of the page on which a survey is answered."""
    made = object.__new__(FormIntake)
    made.form, made.body, made.body_required = None, TypeAdapter[Any](AnswersBody), True
    return made


async def test_a_form_of_ten_megabytes_is_refused_before_it_is_read() -> None:
    raw = b"&".join(b"answers.%d=" % n + b"1+" * 490_000 for n in range(10))
    begun = time.process_time()
    with pytest.raises(HTTPException) as refused:
        await values_of(sent(raw))
    assert (refused.value.status_code, refused.value.detail) == (413, "1 MB")
    assert time.process_time() - begun < 0.5


async def test_digits_that_the_fields_refuse_are_not_searched(intake: FormIntake) -> None:
    """A megabyte of them took two seconds of the event loop, from anybody: the page asks for no sign-in."""
    begun = time.process_time()
    with pytest.raises(RequestValidationError):
        await intake.read(sent(b"answers.helped=" + b"1+" * 450_000))
    assert time.process_time() - begun < 0.5


def test_as_json_they_are_refused_too() -> None:
    """What a body lets through is searched to its end: 10 MB took twenty seconds, before the link was looked at."""
    with pytest.raises(ValidationError):
        AnswersBody.model_validate({"answers": {"helped": "1 " * 5_000}})
    with pytest.raises(ValidationError):
        AnswersBody.model_validate({"answers": {str(n): "1 2 3" for n in range(1_000)}})


def test_a_key_is_cut_before_it_is_searched() -> None:
    raw = b"_key=" + b"1+" * 450_000
    request = with_headers(sent(raw), {"_key": ["1 " * 450_000]}, raw)
    assert 255 < len(request.headers["Idempotency-Key"]) < 300, "still longer than any key may be"


async def test_a_name_of_a_thousand_parts_is_no_field(intake: FormIntake) -> None:
    """It became as many objects inside each other, and a fault of ours."""
    with pytest.raises(Problem) as refused:
        await intake.read(sent(b"answers" + b".a" * 50_000 + b"=1"))
    assert [one.code for one in refused.value.errors] == ["extra_forbidden"]
    assert len(refused.value.errors[0].pointer) < 250


async def test_a_number_in_a_short_form_is_still_named_by_its_field(intake: FormIntake) -> None:
    with pytest.raises(Problem) as refused:
        await intake.read(sent(b"answers.helped=19811218-9876"))
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/answers/helped", "personal-number")]
