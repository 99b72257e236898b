"""Older versions of an event, read as the newest."""

from pathlib import Path

from shared.contracts import upcast
from shared.contracts.people_v1 import PersonChanged
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from tests.contract.test_golden_files import GOLDEN, plain, read


def golden(version: int) -> Path:
    return GOLDEN / f"se.kursnav.people.person-changed.v{version}.0.json"


def test_a_contact_of_the_first_version_is_one_for_every_employment() -> None:
    first = read(golden(1), plain(golden(1)))
    assert isinstance(first, PersonChanged)
    assert upcast.person_changed(first) == PersonChangedV2(
        language="sv",
        protected=False,
        contacts=(
            ContactOfEmployment(
                employment_id=upcast.EVERY_EMPLOYMENT,
                given_name="Åsa",
                family_name="Öberg",
                email="asa@example.org",
                phone="+46700000000",
                manager_email="chef@example.org",
            ),
        ),
    )


def test_the_newest_version_is_taken_as_it_is() -> None:
    second = read(golden(2), plain(golden(2)))
    assert isinstance(second, PersonChangedV2)
    assert upcast.person_changed(second) is second
