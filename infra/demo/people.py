"""People who do not exist: valid numbers of the tax agency's test series, Swedish names, titles, ages.

Personal numbers whose birth number is 980-999 are never given to anyone; the Swedish Tax Agency publishes its own
test numbers from that series. Telephone numbers are of the series 070-1740605 ... 070-1740699, which the Post and
Telecom Authority keeps free for books and films. Mail goes to `.example`, which resolves nowhere.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

TEST_BIRTH_NUMBERS = range(980, 1000)
FICTIONAL_PHONES = range(1740605, 1740700)

WOMEN = (
    "Anna Maria Eva Karin Lena Kristina Ingrid Emma Sara Malin Jenny Linda Annika Ulrika Helena Susanne Marie Åsa "
    "Camilla Elin Ida Johanna Hanna Sofia Frida Therese Monica Gunilla Birgitta Pia Carina Madeleine Josefin Ebba "
    "Amina Fatima Hodan Zahra Leila Samira Maryam Nadia Selma Katarzyna Agnieszka Olena Päivi Tuula Mirjana Jasmina "
    "Saga Alva Wilma Ellen Matilda Rebecka Viktoria Cecilia Charlotta Gun"
).split()
MEN = (
    "Lars Mikael Anders Johan Erik Per Karl Peter Jan Fredrik Daniel Andreas Mattias Magnus Jonas Niklas Henrik Stefan "
    "Simon Oskar Viktor Emil Ahmed Mohamed Abdi Hassan Ali Omar Dawit Goran Piotr Mika Timo Samuel Elias Gustav Åke"
).split()
FAMILIES = (
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson "
    "Jansson Hansson Bengtsson Jönsson Lindberg Jakobsson Magnusson Lindström Olofsson Lindqvist Lindgren Axelsson "
    "Berg Bergström Lundberg Lind Lundgren Lundqvist Mattsson Berglund Fredriksson Sandberg Henriksson Forsberg "
    "Sjöberg Wallin Engström Eklund Danielsson Lundin Håkansson Björk Bergman Gunnarsson Holm Wikström Samuelsson "
    "Isaksson Fransson Bergqvist Nyström Holmberg Arvidsson Löfgren Söderberg Nyberg Blomqvist Claesson Mårtensson "
    "Ali Mohamed Hassan Ahmed Warsame Nguyen Kowalska Petrović Hodžić Korhonen Virtanen Haile Tesfaye Rahimi Karimi"
).split()


@dataclass(frozen=True)
class Person:
    """A generated person; `number` has twelve digits."""

    number: str
    given_name: str
    family_name: str
    gender: str
    birth_year: int
    phone: str
    language: str
    protected: bool

    def email_at(self, domain: str) -> str:
        """A work address that is the person's own: names repeat, so the birth date's digits stand last."""
        return f"{_ascii(self.given_name)}.{_ascii(self.family_name)}.{self.number[4:10]}@{domain}"


def check_digit(nine: str) -> int:
    """The last digit of a personal number: modulus 10 with the weights 2, 1, 2, … over YYMMDDNNN.

    >>> check_digit("811218987")
    6
    """
    total = 0
    for place, digit in enumerate(nine):
        product = int(digit) * (2 - place % 2)
        total += product // 10 + product % 10
    return -total % 10


class Population:
    """Generates persons, each with a personal number of its own."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def person(self, gender: str) -> Person:
        """One more person of this gender (`woman` or `man`)."""
        rng = self._rng
        number = self._free_number(gender)
        return Person(
            number=number,
            given_name=rng.choice(WOMEN if gender == "woman" else MEN),
            family_name=rng.choice(FAMILIES),
            gender=gender,
            birth_year=int(number[:4]),
            phone=f"+46{70}{rng.choice(FICTIONAL_PHONES)}",
            language="en" if rng.random() < 0.08 else "sv",
            protected=rng.random() < 0.002,
        )

    def _free_number(self, gender: str) -> str:
        while True:
            number = self._number(gender)
            if number not in self._taken:
                self._taken.add(number)
                return number

    def _number(self, gender: str) -> str:
        born = _birth_date(self._rng)
        # The third digit of the birth number is even for women and odd for men.
        birth_number = self._rng.choice(TEST_BIRTH_NUMBERS[0 if gender == "woman" else 1 :: 2])
        ten = f"{born:%y%m%d}{birth_number}"
        return f"{born:%Y%m%d}{birth_number}{check_digit(ten)}"


def _birth_date(rng: random.Random) -> date:
    """Care staff of 2025: a fifth under 30, a fifth 55 or older, a handful of 17-year-olds on holiday jobs."""
    drawn = rng.random()
    first, last = (2008, 2008) if drawn < 0.003 else (1996, 2006) if drawn < 0.2 else (1971, 1994)
    if drawn > 0.79:
        first, last = 1959, 1969
    start = date(first, 1, 1)
    return start + timedelta(days=rng.randrange((date(last, 12, 31) - start).days + 1))


def _ascii(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())
