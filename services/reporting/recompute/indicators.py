"""The common output indicators (EECO), by gender: persons whose first attended occasion in the project lies in the
period, so that periods add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.reporting.days import Period
from services.reporting.recompute.ledger import Ledger, Selection, ledger_of, within
from services.reporting.recompute.model import Facts
from services.reporting.recompute.people import GENDERS, age_group_of, gender_of

INDICATORS: Final = ("EECO01", "EECO05", "EECO06", "EECO07", "EECO08")
_OF_AGE: Final = {"EECO06": "under_18", "EECO07": "18_29", "EECO08": "55_plus"}


def indicators(facts: Facts, period: Period) -> dict[str, dict[str, int]]:
    """All participants; of them the employed, those under 18, of 18 to 29, and of 55 years or more at that day."""
    ledger = ledger_of(facts)
    return {name: _by_gender(ledger, newcomers(ledger, period, name)) for name in INDICATORS}


def newcomers(ledger: Ledger, period: Period, indicator: str) -> list[str]:
    """The persons of an indicator."""
    attended = {row.participant_id for row in within(ledger.attested, period, Selection())}
    people = sorted(who for who in attended if ledger.first_days[who] in period)
    if indicator == "EECO05":
        return [who for who in people if _employed(ledger, who)]
    age = _OF_AGE.get(indicator)
    return [who for who in people if age is None or age_group_of(ledger, who) == age]


def _employed(ledger: Ledger, who: str) -> bool:
    """An employment in force on the first attended day; a placement is none."""
    person, day = ledger.persons.get(who), ledger.first_days[who]
    return person is not None and any(one.kind == "employed" and one.in_force(day) for one in person.employments)


def _by_gender(ledger: Ledger, people: Iterable[str]) -> dict[str, int]:
    genders = [gender_of(ledger, who) for who in people]
    return {gender: genders.count(gender) for gender in GENDERS} | {"total": len(genders)}
