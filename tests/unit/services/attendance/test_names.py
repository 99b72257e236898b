"""How people are named on a roll, and which settings hold on a day."""

from datetime import date
from typing import Any
from uuid import UUID

from services.attendance.people.names import by_family_name, shown_name
from services.attendance.project.rules import settings_of


def person(given: str | None, family: str | None, *, protected: bool = False) -> dict[str, Any]:
    return {"participant_id": UUID(int=1), "given_name": given, "family_name": family, "protected": protected}


def test_swedish_order_has_a_ring_a_umlaut_and_o_umlaut_last_and_the_masked_after_them() -> None:
    names = ["Öst", "Zorn", "Åberg", "Ärlig", "Andersson", "Éluard"]
    people = [person(None, None, protected=True), *(person("X", name) for name in names)]
    ordered = [known["family_name"] for known in sorted(people, key=by_family_name)]
    assert ordered == ["Andersson", "Éluard", "Zorn", "Åberg", "Ärlig", "Öst", None]


def test_a_protected_person_is_masked_in_the_callers_language() -> None:
    hidden = person("Anna", "Ek", protected=True)
    assert (shown_name(hidden, "sv"), shown_name(hidden, "en")) == ("Skyddad identitet", "Protected identity")


def test_whoever_is_not_known_yet_has_no_name() -> None:
    assert shown_name(person(None, None), "sv") is None
    assert shown_name(person(None, "Ek"), "sv") == "Ek"


def test_a_setting_holds_from_its_day_until_the_next() -> None:
    settings = settings_of(
        [
            {"key": "breaks", "value": "counted", "valid_from": "2025-03-01"},
            {"key": "breaks", "value": "unpaid", "valid_from": "2025-09-01"},
        ]
    )
    days = [date(2025, 2, 28), date(2025, 3, 1), date(2025, 8, 31), date(2025, 9, 1)]
    assert [settings.breaks_counted(day) for day in days] == [False, True, True, False]
    assert settings.illness_neutral(days[0])


def test_of_two_entries_of_one_day_the_later_holds() -> None:
    entries = [{"key": "illness_neutral", "value": value, "valid_from": "2025-01-01"} for value in (True, False)]
    assert not settings_of(entries).illness_neutral(date(2025, 1, 1))
