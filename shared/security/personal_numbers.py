"""Swedish personal and coordination numbers: `YYYYMMDDNNNC` with check digit C (Skatteverket, SKV 704 and SKV 707)."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

COORDINATION_DAY_OFFSET = 60
_FORM = re.compile(r"(?P<century>[0-9]{2})?(?P<date>[0-9]{6})(?P<separator>[-+]?)(?P<last>[0-9]{4})")
_WITHIN = re.compile(
    r"(?<![0-9])(?P<century>[0-9]{2})?(?P<date>[0-9]{6})\s?[-+\u2010-\u2013\u2212]?\s?(?P<last>[0-9]{4})(?![0-9])",
    re.ASCII,
)
_IGNORED = re.compile(r"\s")
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2212", "-----")

Reason = Literal["malformed", "not-a-date", "in-the-future", "wrong-check-digit"]
_TEXTS: dict[Reason, tuple[str, str]] = {
    "malformed": (
        "Skriv personnumret med 10 eller 12 siffror, till exempel ÅÅÅÅMMDD-NNNN.",
        "Write the personal number with 10 or 12 digits, for example YYYYMMDD-NNNN.",
    ),
    "not-a-date": (
        "Personnumret börjar inte med ett datum som finns.",
        "The personal number does not begin with a date that exists.",
    ),
    "in-the-future": (
        "Födelsedatumet i personnumret ligger i framtiden.",
        "The date of birth in the personal number lies in the future.",
    ),
    "wrong-check-digit": (
        "Kontrollsiffran (den sista) stämmer inte; kontrollera att numret är rätt avskrivet.",
        "The check digit (the last one) is wrong; check that the number was copied correctly.",
    ),
}


class InvalidPersonalNumber(ValueError):
    """Why a text is no personal number: a stable `reason`, and what to do in both languages. Never holds the text."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        self.sv, self.en = _TEXTS[reason]
        super().__init__(self.en)


@dataclass(frozen=True)
class PersonalNumber:
    """A valid number in its one normal form, 12 digits; hidden in `repr`, so that no log shows it."""

    digits: str = field(repr=False)

    @property
    def is_coordination_number(self) -> bool:
        return int(self.digits[6:8]) > COORDINATION_DAY_OFFSET

    @property
    def birth_date(self) -> date:
        day = int(self.digits[6:8]) - (COORDINATION_DAY_OFFSET if self.is_coordination_number else 0)
        return date(int(self.digits[:4]), int(self.digits[4:6]), day)

    @property
    def birth_year(self) -> int:
        return int(self.digits[:4])

    @property
    def gender(self) -> Literal["woman", "man"]:
        """Legal gender: the last digit but one is odd for men."""
        return "man" if int(self.digits[-2]) % 2 else "woman"

    @property
    def hint(self) -> str:
        """What may be shown: the last four hidden."""
        return f"{self.digits[:8]}-****"


def parse(text: str, today: date) -> PersonalNumber:
    """Read a number of 10 or 12 digits, with or without separator, spaces ignored.

    Ten digits name the last hundred years before `today`; `+` in the place of `-` marks a person of 100 or more.
    Raises InvalidPersonalNumber.
    """
    form = _FORM.fullmatch(_IGNORED.sub("", text).translate(_DASHES))
    if form is None:
        raise InvalidPersonalNumber("malformed")
    short = form["date"] + form["last"]
    if form["century"] is not None:
        number = _dated(form["century"] + short)
        if number.birth_date > today:
            raise InvalidPersonalNumber("in-the-future")
    else:
        number = _of_last_century(short, today, hundred_or_older=form["separator"] == "+")
    if check_digit(short[:9]) != int(short[9]):
        raise InvalidPersonalNumber("wrong-check-digit")
    return number


def stands_in(text: str) -> bool:
    """Whether a valid number stands in a free text, in whatever form: such texts go where no number may."""
    return any(map(_is_a_number, _WITHIN.finditer(text)))


def _is_a_number(found: re.Match[str]) -> bool:
    ten = found["date"] + found["last"]
    if check_digit(ten[:9]) != int(ten[9]):
        return False
    for century in (found["century"],) if found["century"] else ("19", "20"):
        try:
            _dated(century + ten)
        except InvalidPersonalNumber:
            continue
        return True
    return False


def check_digit(nine: str) -> int:
    """The Luhn digit that follows the nine digits `YYMMDDNNN`."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    return -sum(part // 10 + part % 10 for part in doubled) % 10


def _of_last_century(short: str, today: date, *, hundred_or_older: bool) -> PersonalNumber:
    """The youngest person with these ten digits who is born by `today`, and is 100 years old if so marked."""
    for century in range(today.year // 100, 17, -1):
        try:
            number = _dated(f"{century}{short}")
        except InvalidPersonalNumber:
            continue  # 29 February exists in one century and not in another
        born = number.birth_date
        if born <= today and (today.year - born.year >= 100 or not hundred_or_older):
            return number
    raise InvalidPersonalNumber("not-a-date")


def _dated(digits: str) -> PersonalNumber:
    number = PersonalNumber(digits)
    try:
        _ = number.birth_date
    except ValueError:
        raise InvalidPersonalNumber("not-a-date") from None
    return number
