"""Which column of a file is which field."""

from services.booking.uploads.kinds import REGISTRATIONS, STAFF
from shared.uploads.rules import guess, twice


def test_a_column_is_known_by_what_systems_call_it() -> None:
    columns = ["pnr", "tilltalsnamn", "efternamn", "enhet", "befattning", "skonummer"]
    found = guess(columns, STAFF.fields, {})
    assert found == ["personal_number", "given_name", "family_name", "workplace", "title", ""]


def test_a_column_is_known_by_the_apis_own_name() -> None:
    assert guess(["session_id", "personal_number"], REGISTRATIONS.fields, {}) == ["session_id", "personal_number"]


def test_a_name_that_is_nearly_right_is_found() -> None:
    assert guess(["personummer", "arbetställe"], STAFF.fields, {}) == ["personal_number", "workplace"]


def test_no_field_is_guessed_twice_and_the_exact_name_goes_first() -> None:
    assert guess(["personummer", "personnummer"], STAFF.fields, {}) == ["", "personal_number"]


def test_what_was_chosen_before_goes_before_every_guess() -> None:
    remembered = {"enhet": "", "avd": "workplace", "gammal": "no_such_field"}
    assert guess(["enhet", "avd", "gammal"], STAFF.fields, remembered) == ["", "workplace", ""]


def test_a_field_chosen_twice_is_told_at_the_later_column() -> None:
    assert list(twice(["title", "", "workplace", "", "title"])) == [4]
