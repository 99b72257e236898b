"""Swedish personal and coordination numbers: `YYYYMMDDNNNC`, by the tax agency's rules.

Sources: folkbokföringslagen (1991:481) 18 § (`-` becomes `+` in the year in which a person turns 100); Skatteverket,
SKV 704 and "Rättslig vägledning", personnummer (birth number 001-999, century 18, 19 or 20, check digit by modulus
10), SKV 707 and meddelande SKV M 2010:3, samordningsnummer (day + 60, individual number 001-999); its published test
numbers (testsamordningsnummer), in which an unknown month is 00 and an unknown day 60.

Stricter than the agency in one thing: a birth year before 1900 is a wrong century, for nobody that old takes a course.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

COORDINATION_DAY_OFFSET = 60
FIRST_BIRTH_YEAR = 1900
_FORM = re.compile(r"(?P<century>[0-9]{2})?(?P<date>[0-9]{6})(?P<separator>[-+]?)(?P<last>[0-9]{4})")
_LIKELY = re.compile(r"(?:18|19|20)?[0-9]{2}(?:0[0-9]|1[0-2])(?:[0-2][0-9]|3[01]|[6-8][0-9]|9[01])[0-9]{4}")
_IGNORED = re.compile(r"\s")
_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2212", "-----")
_LEAP_YEAR = 2000

Reason = Literal[
    "malformed", "not-a-date", "in-the-future", "before-1900", "wrong-sign", "serial-000", "wrong-check-digit"
]
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
    "before-1900": (
        "Födelseåret ligger före 1900. Kontrollera århundradet; ett plustecken betyder 100 år eller äldre.",
        "The year of birth lies before 1900. Check the century; a plus sign means 100 years or older.",
    ),
    "wrong-sign": (
        "Tecknet stämmer inte med födelsedatumet (plus från det år man fyller 100). Skriv numret med 12 siffror.",
        "The sign contradicts the birth date (plus from the year of the 100th birthday on). Write 12 digits.",
    ),
    "serial-000": (
        "Födelsenumret (de tre siffrorna före den sista) kan inte vara 000.",
        "The birth number (the three digits before the last) cannot be 000.",
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
        return int(self.digits[6:8]) >= COORDINATION_DAY_OFFSET

    @property
    def birth_date(self) -> date | None:
        """None when the tax agency does not know the month or the day (coordination numbers only)."""
        month, day = _month_and_day(self.digits[4:8])
        return date(self.birth_year, month, day) if month and day else None

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

    Ten digits name a person who turns at most 99 this year, with `+` one who turns 100 or more: never another century
    because the date would fit there. Raises InvalidPersonalNumber.
    """
    form = _FORM.fullmatch(_IGNORED.sub("", text).translate(_DASHES))
    if form is None:
        raise InvalidPersonalNumber("malformed")
    if form["century"]:
        year = int(form["century"] + form["date"][:2])
    else:
        year = _year_of_short(int(form["date"][:2]), today, turned_100=form["separator"] == "+")
    number = PersonalNumber(f"{year:04}{form['date'][2:]}{form['last']}")
    _check(number, form["separator"], today, short=form["century"] is None)
    return number


def is_number(digits: str) -> bool:
    """Whether ten or twelve digits are a number of anybody, living or not: date and check digit."""
    if _LIKELY.fullmatch(digits) is None:
        return False
    ten = digits[-10:]
    centuries = (digits[:2],) if len(digits) == 12 else ("19", "20")
    return check_digit(ten[:9]) == int(ten[9]) and any(is_date(century + ten[:6]) for century in centuries)


def is_date(eight: str) -> bool:
    """Whether `YYYYMMDD` is a date of a personal or coordination number."""
    month, day = _month_and_day(eight[4:])
    if int(eight[6:]) < COORDINATION_DAY_OFFSET and not (month and day):
        return False
    try:
        # What is unknown fits everything: a month of 31 days, and a day that every month has.
        date(int(eight[:4]) if month and day else _LEAP_YEAR, month or 1, day or 1)
    except ValueError:
        return False
    return True


def check_digit(nine: str) -> int:
    """The Luhn digit that follows the nine digits `YYMMDDNNN`."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    return -sum(part // 10 + part % 10 for part in doubled) % 10


def _year_of_short(two_digits: int, today: date, *, turned_100: bool) -> int:
    """The one year that ends so among the last hundred, or among the hundred before them."""
    latest = today.year - 100 if turned_100 else today.year
    return latest - (latest - two_digits) % 100


def _check(number: PersonalNumber, separator: str, today: date, *, short: bool) -> None:
    """Raises InvalidPersonalNumber with the first rule that the number breaks."""
    if not is_date(number.digits[:8]):
        raise InvalidPersonalNumber("not-a-date")
    if number.birth_year < FIRST_BIRTH_YEAR:
        raise InvalidPersonalNumber("before-1900")
    if (number.birth_date or date(number.birth_year, 1, 1)) > today:
        # With ten digits it may be somebody who turns 100 this year, written without the plus.
        raise InvalidPersonalNumber("wrong-sign" if short else "in-the-future")
    if separator == "+" and today.year - number.birth_year < 100:
        raise InvalidPersonalNumber("wrong-sign")
    if number.digits[8:11] == "000":
        raise InvalidPersonalNumber("serial-000")
    if check_digit(number.digits[2:11]) != int(number.digits[11]):
        raise InvalidPersonalNumber("wrong-check-digit")


def _month_and_day(four: str) -> tuple[int, int]:
    """Of `MMDD`, without what is added for a coordination number; 0 for what is unknown."""
    month, day = int(four[:2]), int(four[2:])
    return month, day - COORDINATION_DAY_OFFSET if day >= COORDINATION_DAY_OFFSET else day
