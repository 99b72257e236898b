"""Whoever reads Swedish is told in Swedish what is wrong with a field, whichever fault the library finds."""

from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core.core_schema import ErrorType

from shared.web.bodies import DaysBody
from shared.web.errors import field_error
from shared.web.sentences import OTHERWISE, SWEDISH, swedish

CONTEXT = dict.fromkeys(("min_length", "max_length", "multiple_of", "decimal_places", "gt", "ge", "lt", "le"), 7)


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_no_kind_of_fault_is_told_in_english(kind: str) -> None:
    error = field_error({"type": kind, "loc": ("body", "x"), "msg": "Input should be something", "ctx": {}})
    assert error.sv != error.en
    assert "{" not in error.sv


@pytest.mark.parametrize("kind", SWEDISH)
def test_every_sentence_is_of_a_kind_that_there_is(kind: str) -> None:
    assert kind in get_args(ErrorType)
    assert swedish(kind, CONTEXT) != OTHERWISE, "its numbers are those that the library gives"


def test_our_own_validators_say_it_in_both_languages() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(DaysBody).validate_python({"from": "2025-03-02", "to": "2025-03-01"})
    [fault] = caught.value.errors()
    error = field_error(dict(fault))
    assert (error.pointer, error.code, error.sv, error.en) == (
        "/to",
        "before_from",
        "`to` ligger före `from`.",
        "`to` lies before `from`.",
    )
