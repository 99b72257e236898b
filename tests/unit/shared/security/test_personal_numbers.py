"""Swedish personal and coordination numbers: the numbers are from the tax agency's test range or made up."""

from datetime import date

import pytest

from shared.security.blind_index import BlindIndex
from shared.security.personal_numbers import InvalidPersonalNumber, Reason, check_digit, parse, stands_in

TODAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    "text",
    [
        "201701102384",
        "20170110-2384",
        "170110-2384",
        "1701102384",
        " 170110 - 2384 ",
        "170110\u20132384",
        "20170110+2384",
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
        ("121212-", date(2012, 12, 11), date(1912, 12, 12)),
        ("260101-", TODAY, date(1926, 1, 1)),
        ("000229-", TODAY, date(2000, 2, 29)),
    ],
)
def test_ten_digits_name_the_youngest_possible_person_and_plus_one_of_a_hundred(
    written: str, today: date, born: date
) -> None:
    assert parse(f"{written}100{check_digit(written[:6] + '100')}", today).birth_date == born


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


def test_what_a_number_tells() -> None:
    number = parse("20170110-2384", TODAY)
    assert (number.birth_year, number.gender, number.is_coordination_number) == (2017, "woman", False)
    assert parse("191212121212", TODAY).gender == "man"


def test_neither_hint_nor_repr_show_the_last_four() -> None:
    number = parse("20170110-2384", TODAY)
    assert number.hint == "20170110-****"
    assert "2384" not in repr(number) + str(number)


@pytest.mark.parametrize(
    "text",
    [
        "201701102384",
        "Undersköterska 20170110-2384, natt",
        "(170110-2384)",
        "170110 2384",
        "170110 \u2013 2384",
        "170110+2384",
        "000229" + "238" + str(check_digit("000229238")),
    ],
)
def test_a_number_is_found_in_a_text(text: str) -> None:
    assert stands_in(text)


@pytest.mark.parametrize(
    "text",
    ["", "Hus 12", "2025-01-01", "170110-2385", "171310-2384", "556036-0793", "3201701102384", "1 70110-2384"],
)
def test_other_digits_are_no_number(text: str) -> None:
    """An organisation number has a month of 20 or more, a longer row of digits is something else."""
    assert not stands_in(text)


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
