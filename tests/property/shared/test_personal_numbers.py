"""Properties of personal numbers over generated people."""

import contextlib
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.security.personal_numbers import InvalidPersonalNumber, PersonalNumber, check_digit, parse

TODAY = date(2025, 6, 1)


@st.composite
def numbers(draw: st.DrawFn, youngest: date = TODAY) -> str:
    born = draw(st.dates(date(1926, 1, 1), youngest))
    day = born.day + draw(st.sampled_from([0, 60]))
    nine = f"{born:%y%m}{day:02}{draw(st.integers(0, 999)):03}"
    return f"{born.year // 100}{nine}{check_digit(nine)}"


@given(numbers(), st.sampled_from(["", "-"]), st.booleans())
def test_writing_does_not_matter(digits: str, separator: str, short: bool) -> None:
    assume(not short or digits[:8] > "19250601")
    written = digits[2 if short else 0 : 8] + separator + digits[8:]
    assert parse(written, TODAY) == PersonalNumber(digits)


@given(numbers())
def test_the_normal_form_is_its_own_normal_form(digits: str) -> None:
    assert parse(parse(digits, TODAY).digits, TODAY).digits == digits


@given(numbers(), st.integers(2, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, by: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    with pytest.raises(InvalidPersonalNumber):
        parse(wrong, TODAY)


@given(st.dates(date(1850, 1, 1), date(1925, 5, 31)), st.integers(0, 999))
def test_plus_means_a_hundred_or_more(born: date, serial: int) -> None:
    assume(born > date(1825, 6, 1) and not (born.month == 2 and born.day == 29))
    nine = f"{born:%y%m%d}{serial:03}"
    number = parse(f"{nine[:6]}+{nine[6:]}{check_digit(nine)}", TODAY)
    assert number.birth_date.replace(year=number.birth_year + 100) <= TODAY or TODAY.year - number.birth_year >= 100


@given(st.text(max_size=16))
def test_any_text_is_either_a_number_or_told_why_not(text: str) -> None:
    with contextlib.suppress(InvalidPersonalNumber):
        assert parse(text, TODAY).birth_date <= TODAY
