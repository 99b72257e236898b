"""The demo's people cannot be anybody, and look like the county's care staff."""

import random
from datetime import date

from infra.demo.people import FICTIONAL_PHONES, TEST_BIRTH_NUMBERS, Person, Population, check_digit
from shared.security import personal_numbers


def people(count: int = 600) -> list[Person]:
    population = Population(random.Random(7))
    return [population.person("man" if number % 6 == 0 else "woman") for number in range(count)]


def test_a_check_digit_is_the_one_of_the_tax_agencys_example() -> None:
    assert check_digit("811218987") == 6


def test_every_number_is_valid_and_tells_the_persons_gender_and_year() -> None:
    for person in people():
        number = personal_numbers.parse(person.number, date(2025, 1, 1))
        assert (number.gender, number.birth_year) == (person.gender, person.birth_year)


def test_every_number_is_of_the_series_that_nobody_is_given() -> None:
    assert {int(person.number[8:11]) for person in people()} <= set(TEST_BIRTH_NUMBERS)


def test_no_two_people_share_a_number() -> None:
    assert len({person.number for person in people()}) == len(people())


def test_nobody_has_a_telephone_that_could_ring() -> None:
    assert {int(person.phone.removeprefix("+4670")) for person in people()} <= set(FICTIONAL_PHONES)


def test_an_address_is_plain_ascii_and_leads_nowhere() -> None:
    addresses = {person.email_at("kommun1884.example") for person in people()}
    assert all(address.isascii() and address.endswith(".example") for address in addresses)


def test_the_same_seed_makes_the_same_people() -> None:
    assert people() == people()
