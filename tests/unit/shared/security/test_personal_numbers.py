"""Swedish personal and coordination numbers: the numbers are from the tax agency's test range or made up."""

from datetime import date

import pytest

from shared.security.blind_index import BlindIndex
from shared.security.personal_numbers import InvalidPersonalNumber, Reason, check_digit, parse

TODAY = date(2025, 6, 1)


def complete(written: str, serial: str = "100") -> str:
    """A number with its check digit, from its date and sign."""
    return f"{written}{serial}{check_digit(written.rstrip('+-')[-6:] + serial)}"


@pytest.mark.parametrize(
    "text",
    [
        "201701102384",
        "20170110-2384",
        "170110-2384",
        "1701102384",
        " 170110 - 2384 ",
        "170110\u20132384",
    ],
)
def test_every_way_of_writing_gives_one_normal_form(text: str) -> None:
    assert parse(text, TODAY).digits == "201701102384"


@pytest.mark.parametrize(
    ("written", "today", "born"),
    [
        ("121212-", TODAY, date(2012, 12, 12)),
        ("121212+", TODAY, date(1912, 12, 12)),
        ("121212-", date(2012, 12, 12), date(2012, 12, 12)),
        ("260101-", TODAY, date(1926, 1, 1)),
        ("251231+", TODAY, date(1925, 12, 31)),
        ("000229-", TODAY, date(2000, 2, 29)),
        ("040229+", TODAY, date(1904, 2, 29)),
        ("19121212-", TODAY, date(1912, 12, 12)),
        ("19121212+", TODAY, date(1912, 12, 12)),
    ],
)
def test_the_sign_is_plus_from_the_year_in_which_a_person_turns_100(written: str, today: date, born: date) -> None:
    assert parse(complete(written), today).birth_date == born


@pytest.mark.parametrize(
    ("written", "today", "reason"),
    [
        ("121212-", date(2012, 12, 11), "wrong-sign"),  # born 1912 or not born yet: turns 100 this year
        ("251231-", TODAY, "wrong-sign"),
        ("251231", TODAY, "wrong-sign"),
        ("20170110+", TODAY, "wrong-sign"),
        ("19260101+", TODAY, "wrong-sign"),
        ("010229-", TODAY, "not-a-date"),  # a date in 2000 and in 1904, but not in 2001
        ("000229+", TODAY, "not-a-date"),
        ("850709+", TODAY, "before-1900"),
        ("18991231-", TODAY, "before-1900"),
        ("18991231+", TODAY, "before-1900"),
        ("00010101", TODAY, "before-1900"),
        ("21000101", TODAY, "in-the-future"),
    ],
)
def test_no_other_century_is_guessed(written: str, today: date, reason: Reason) -> None:
    with pytest.raises(InvalidPersonalNumber) as invalid:
        parse(complete(written), today)
    assert invalid.value.reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed"),
        ("1701102", "malformed"),
        ("20170110238", "malformed"),
        ("17O110-2384", "malformed"),
        ("１７０１１０2384", "malformed"),
        ("1701-102384", "malformed"),
        ("170110-2385", "wrong-check-digit"),
        ("20171310-2384", "not-a-date"),
        ("20170230-2384", "not-a-date"),
        ("201701922384", "not-a-date"),
        ("202506022384", "in-the-future"),
        ("190002292384", "not-a-date"),
        ("20170100-2384", "not-a-date"),
        ("20170010-2384", "not-a-date"),
        ("20170192-2384", "not-a-date"),
        ("201701100000", "serial-000"),
        ("201701700009", "serial-000"),
    ],
)
def test_what_is_wrong_is_said(text: str, reason: Reason) -> None:
    with pytest.raises(InvalidPersonalNumber) as invalid:
        parse(text, TODAY)
    assert invalid.value.reason == reason
    assert invalid.value.sv
    assert invalid.value.en


def test_a_message_never_shows_the_number() -> None:
    with pytest.raises(InvalidPersonalNumber) as invalid:
        parse("170110-2385", TODAY)
    assert "2385" not in invalid.value.sv + invalid.value.en + repr(invalid.value)


def test_a_coordination_number_has_sixty_added_to_the_day() -> None:
    digits = "20170170238"
    number = parse(digits + str(check_digit(digits[2:])), TODAY)
    assert (number.is_coordination_number, number.birth_date) == (True, date(2017, 1, 10))


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("191500722390", None),  # of the tax agency's test numbers: the month is not known
        (complete("19800160"), None),
        (complete("19800060"), None),
        (complete("19800161"), date(1980, 1, 1)),
        (complete("19800191"), date(1980, 1, 31)),
    ],
)
def test_the_month_and_day_of_a_coordination_number_may_be_unknown(digits: str, born: date | None) -> None:
    number = parse(digits, TODAY)
    assert (number.is_coordination_number, number.birth_date) == (True, born)
    assert number.birth_year == int(digits[:4])


def test_what_a_number_tells() -> None:
    number = parse("20170110-2384", TODAY)
    assert (number.birth_year, number.gender, number.is_coordination_number) == (2017, "woman", False)
    assert parse("191212121212", TODAY).gender == "man"


def test_neither_hint_nor_repr_show_the_last_four() -> None:
    number = parse("20170110-2384", TODAY)
    assert number.hint == "20170110-****"
    assert "2384" not in repr(number) + str(number)


class TestBlindIndex:
    def test_the_same_person_has_the_same_index_however_written(self) -> None:
        index = BlindIndex(b"k" * 32)
        assert index.of(parse("170110-2384", TODAY)) == index.of(parse("201701102384", TODAY))

    def test_another_key_gives_another_index(self) -> None:
        number = parse("170110-2384", TODAY)
        assert BlindIndex(b"k" * 32).of(number) != BlindIndex(b"l" * 32).of(number)

    def test_a_short_key_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least 32"):
            BlindIndex(b"short")
