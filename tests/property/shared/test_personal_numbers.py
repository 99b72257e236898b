"""Properties of personal numbers over generated people; the package personnummer is another reading of the rules."""

import contextlib
from datetime import date

import personnummer.personnummer as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.hidden_numbers import stands_in
from shared.security.personal_numbers import InvalidPersonalNumber, PersonalNumber, check_digit, parse

TODAY = date(2025, 6, 1)
FIRST_UNDER_100 = date(1926, 1, 1)  # who turns 100 after this year is written with a hyphen


@pytest.fixture(autouse=True)
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "_get_current_date", lambda: TODAY)


@st.composite
def numbers(draw: st.DrawFn, oldest: date = FIRST_UNDER_100, youngest: date = TODAY) -> str:
    born = draw(st.dates(oldest, youngest))
    day = born.day + draw(st.sampled_from([0, 60]))
    nine = f"{born:%y%m}{day:02}{draw(st.integers(1, 999)):03}"
    return f"{born.year // 100}{nine}{check_digit(nine)}"


@given(numbers(), st.sampled_from(["", "-"]), st.booleans())
def test_writing_does_not_matter(digits: str, separator: str, short: bool) -> None:
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


@given(numbers(date(1900, 1, 1), date(1925, 12, 31)))
def test_plus_means_that_the_person_turns_100_this_year_or_did_before(digits: str) -> None:
    assert parse(f"{digits[2:8]}+{digits[8:]}", TODAY) == PersonalNumber(digits)


@given(st.text(max_size=16))
def test_any_text_is_either_a_number_or_told_why_not(text: str) -> None:
    with contextlib.suppress(InvalidPersonalNumber):
        assert parse(text, TODAY).birth_year <= TODAY.year


@st.composite
def written(draw: st.DrawFn) -> str:
    """Ten or twelve digits that are nearly a number: any month and day, sometimes another check digit."""
    year = draw(st.integers(1900, 2026))
    nine = f"{year % 100:02}{draw(st.integers(0, 13)):02}{draw(st.integers(0, 93)):02}{draw(st.integers(0, 999)):03}"
    last = draw(st.sampled_from([check_digit(nine)] * 4 + [0]))
    century = draw(st.sampled_from(["", str(year // 100)]))
    return f"{century}{nine[:6]}{draw(st.sampled_from(['', '-', '+']))}{nine[6:]}{last}"


STRICTER = ("in-the-future", "before-1900", "wrong-sign")
"""Rules that the other one has not: it takes days to come, every century, and any sign beside twelve digits."""


def read(text: str) -> tuple[PersonalNumber | None, str]:
    """The number, or why it is none."""
    try:
        return parse(text, TODAY), ""
    except InvalidPersonalNumber as invalid:
        return None, invalid.reason


@given(written())
def test_another_implementation_reads_the_same(text: str) -> None:
    """But for the months and days unknown that the tax agency's own test numbers have, which it refuses."""
    theirs = oracle.Personnummer(text).format(long_format=True) if oracle.valid(text) else None
    ours, reason = read(text)
    if ours is None:
        assert theirs is None or reason in STRICTER
    else:
        assert theirs == (ours.digits if ours.birth_date else None)


SIGNS = st.sampled_from(["", " ", "-", ".", "/", "\u00a0", "\u2013", "\u00ad", "\u200b", "\u2060", "\u00b7", "_", "\n"])
ZEROS = st.sampled_from("0\uff10\u0660\u06f0\u0966\U0001d7ce")


@given(numbers(oldest=date(1910, 1, 1), youngest=date(1999, 12, 31)), st.booleans(), st.data())
def test_signs_anywhere_and_digits_of_any_script_hide_nothing(digits: str, short: bool, data: st.DataObject) -> None:
    """Of years that do not begin with 0: those ten digits may also be a telephone number."""
    hidden = "".join(
        data.draw(SIGNS) + chr(ord(data.draw(ZEROS)) + int(digit)) for digit in (digits[2:] if short else digits)
    )
    assert stands_in(f"Anna{hidden} Berg")
