"""Personal numbers in texts: every disguise is seen through, and what is something else passes."""

import json
import random
import unicodedata
from typing import Any

import pytest

from shared.security.hidden_numbers import may_stand_in_json, stands_in
from shared.security.personal_numbers import check_digit

NUMBER = "198507099805"  # of the tax agency's test series
TEN = NUMBER[2:]
CALENDAR = [
    (2, 2, 2, 4),
    (4, 2, 2, 4),
    (2, 2, 2, 2, 2, 2),
    (1,) * 12,
    (1,) * 10,
    (3, 3, 3, 3),
    (6, 4),
    (8, 4),
    (10,),
    (12,),
]
SEPARATORS = {
    "none": "",
    "space": " ",
    "many spaces": "      ",
    "no-break space": "\u00a0",
    "narrow space": "\u202f",
    "thin space": "\u2009",
    "tab": "\t",
    "new line": "\n",
    "hyphen": "-",
    "hyphens": "------",
    "spaced dash": " \u2013 ",
    "em dash": "\u2014",
    "minus": "\u2212",
    "no-break hyphen": "\u2011",
    "plus": "+",
    "dot": ".",
    "comma": ",",
    "colon": ":",
    "slash": "/",
    "backslash": "\\",
    "underscore": "_",
    "middle dot": "\u00b7",
    "bullet": "\u2022",
    "bar": "|",
    "brackets": ") (",
    "zero width": "\u200b",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "right to left": "\u202e",
    "combining": "\u0336",
    "Hangul filler": "\u3164",
    "braille blank": "\u2800",
    "ideographic space": "\u3000",
    "emoji": "\U0001f642",
}
ZEROS = {
    "full-width": "\uff10",
    "Arabic": "\u0660",
    "Persian": "\u06f0",
    "Devanagari": "\u0966",
    "bold": "\U0001d7ce",
    "doubled": "\U0001d7d8",
    "Thai": "\u0e50",
}


def in_groups(sizes: tuple[int, ...], separator: str) -> str:
    digits, groups = NUMBER[-sum(sizes) :], []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    return separator.join(groups)


@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
@pytest.mark.parametrize("sizes", CALENDAR, ids=str)
def test_no_separator_hides_a_number(sizes: tuple[int, ...], separator: str) -> None:
    hidden = in_groups(sizes, separator)
    assert stands_in(hidden)
    assert stands_in(f"Anna ({hidden}), natt")
    assert stands_in(f"x{hidden}y")
    assert all(may_stand_in_json(body) for body in bodies(hidden))


ID, AT = "0193d4c8-7f21-7a10-9c55-0242ac120002", "2026-03-01T09:00:00.123Z"


def bodies(text: str) -> list[bytes]:
    """JSON with a text in it: as a value, as a name, in other forms of writing, and beside what many bodies hold."""
    values: list[Any] = [text, {"note": [text]}, {text: 1}, {"id": ID, "notes": {"at": AT, "note": text, "next": ID}}]
    whole = [json.dumps(value) for value in values] + [json.dumps(value, ensure_ascii=False) for value in values]
    return [one.encode() for one in (*whole, *(json.dumps(value, indent=1) for value in values))]


@pytest.mark.parametrize("zero", ZEROS.values(), ids=ZEROS)
def test_no_script_hides_a_number(zero: str) -> None:
    assert stands_in("".join(chr(ord(zero) + int(digit)) for digit in NUMBER))
    assert stands_in("".join(chr(ord(zero) + int(digit)) if place % 2 else digit for place, digit in enumerate(TEN)))


def test_circled_raised_and_keycap_digits_are_digits() -> None:
    circled = "".join("\u24ea" if digit == "0" else chr(0x245F + int(digit)) for digit in TEN)
    raised = "".join(unicodedata.lookup(f"SUPERSCRIPT {NAMES[int(digit)]}") for digit in TEN)
    keycaps = "".join(f"{digit}\ufe0f\u20e3" for digit in TEN)
    assert all(map(stands_in, (circled, raised, keycaps)))


NAMES = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()


@pytest.mark.parametrize(
    "text",
    [
        "Sal 2, 1985-07-09 9805",
        "1985/07/09-9805",
        "1985.07.09.9805",
        "1985 07 09 98 05",
        "Anna850709-9805@kommun.example",
        "https://kommun.example/850709/9805",
        "rum 12 850709-9805",
        "850709-9805 2025-03-01",
        "070-123 45 67, 850709-9805",
        "+46 70 123 45 67 850709-9805",
        "850709+9805",
        "197010632391",
        "701063-2391",
        "191500722390",
        "189001019802",
    ],
)
def test_a_number_is_found_among_other_things(text: str) -> None:
    assert stands_in(text)
    assert all(may_stand_in_json(body) for body in bodies(text))


@pytest.mark.parametrize(
    "number", [NUMBER, TEN, "8507091e3", "8507091E+3", "8.507091e9", "-8507099805", "8507099805.0"]
)
def test_a_json_number_may_be_one(number: str) -> None:
    assert may_stand_in_json(f'{{"id": "{ID}", "minutes": {number}}}'.encode())
    assert may_stand_in_json(number.encode())


def test_what_many_bodies_hold_is_not_searched() -> None:
    mark = {"mark_id": ID, "marked_at": AT, "status": "present", "minutes": 165, "base_version": 12, "note": "sal 3"}
    assert not may_stand_in_json(json.dumps({"sessions": [{"session_id": ID, "marks": [mark] * 20}]}).encode())
    assert not may_stand_in_json(json.dumps([NUMBER[:6], NUMBER[6:]]).encode()), "no text holds all of it"


@pytest.mark.parametrize("text", [f"{ID} {TEN}", f"{TEN}{ID}", f"{AT} {TEN}", f"{ID[:-1]}{TEN}"])
def test_an_id_or_a_time_hides_no_number_beside_it(text: str) -> None:
    assert all(may_stand_in_json(body) for body in bodies(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hus 12",
        "850709-9806",
        "851309-9805",
        "850732-9805",
        "3201985070998051",
        "0319850709980",
        "212000-1967",
        "556036-0793",
        "16212000-1967",
        "2026-03-01T09:00:00+01:00",
        "23 731 055 kr",
        "23731055.00",
        "vecka 12, 2025-03-01",
        "SE45 5000 0000 0583 9825 7466",
    ],
)
def test_what_is_something_else_passes(text: str) -> None:
    assert not stands_in(text)


def luhn(text: str) -> str:
    """The text with its last digit such that ten digits of it would be a number by their check digit."""
    digits = [sign for sign in text if sign.isdigit()]
    return text[:-1] + str(check_digit("".join(digits[-10:-1])))


@pytest.mark.parametrize(
    "form",
    [
        "070-123 45 60",
        "070 123 45 60",
        "070-1234560",
        "0701234560",
        "(070) 123 45 60",
        "070/123 45 60",
        "0501-12 34 50",
        "0501 123450",
        "08-120 102 30",
        "08-12010230",
        "031-123 45 60",
        "ring 070-123 45 60 eller 031-123 45 60",
        "+46111212340",
        "+46 11 12 12 340",
        "+46 (0)70-123 45 60",
        "+4712123450",
    ],
)
def test_telephone_numbers_pass_also_those_with_a_date_and_a_check_digit_in_them(form: str) -> None:
    assert not stands_in(luhn(form))
    assert not stands_in(luhn(form), telephone=True)


def test_a_telephone_number_in_a_row_passes_where_one_is_asked_for() -> None:
    assert stands_in(luhn("0501123450"))
    assert not stands_in(luhn("0501123450"), telephone=True)
    assert stands_in(TEN, telephone=True)
    assert stands_in("050112-" + luhn("0501123450")[-4:], telephone=True)


@pytest.mark.parametrize(
    "form",
    [
        "Ny tid 2026-03-01 09:30",
        "2026-03-01 09.30–16.00",
        "2026-03-01, 09–16",
        "2026-03-01 – 03-05",
        "2026-03-01–2026-03-05",
        "20260301-20260305",
        "260301 09.30",
        "2026-03-01T10:12:15+01:00",
        "2026-03-01T10:12:15.123456Z",
        "2026-03-01 2026-03-05 2026-04-01",
    ],
)
def test_a_meeting_is_no_number_whatever_its_digits(form: str) -> None:
    for last in range(100):
        assert not stands_in(form[:-2] + f"{last:02}" if form[-1].isdigit() else form)


def test_random_ids_and_digests_pass() -> None:
    rng = random.Random(7)
    for _ in range(20_000):
        digest = f"{rng.getrandbits(256):064x}"
        uuid = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
        assert not stands_in(uuid)
        assert not stands_in(f"Mark {uuid} refused")
        assert not stands_in(digest)


def test_a_table_of_figures_passes() -> None:
    rng = random.Random(7)
    table = "\n".join(
        "| " + " | ".join(str(rng.choice([rng.randrange(32), rng.randrange(2500)])) for _ in range(12)) + " |"
        for _ in range(300)
    )
    assert not stands_in(table)


def test_a_long_text_is_read_quickly() -> None:
    """Ten thousand signs made to be slow: nothing backtracks."""
    for hostile in (
        "0 " * 5000,
        "07" * 5000,
        "+46" * 3300,
        "a" * 10_000,
        "1-" * 5000,
        "\u0660\u200b" * 5000,
        "9" * 10_000,
    ):
        stands_in(hostile)
