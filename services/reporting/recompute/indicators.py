"""The common output indicators (EECO), by gender: persons whose first attended occasion in the project lies in the
period, so that periods add up.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.reporting.days import Period
from services.reporting.recompute.ledger import Ledger, Selection, ledger_of, within
from services.reporting.recompute.model import Facts
from services.reporting.recompute.people import GENDERS, age_group_of, gender_of


def indicators(facts: Facts, period: Period) -> dict[str, dict[str, int]]:
    """All participants; of them the employed, those under 18, of 18 to 29, and of 55 years or more at that day."""
    ledger = ledger_of(facts)
    attended = {row.participant_id for row in within(ledger.attested, period, Selection())}
    people = sorted(who for who in attended if ledger.first_days[who] in period)
    ages = {who: age_group_of(ledger, who) for who in people}
    of_age = {group: [who for who in people if ages[who] == group] for group in ("under_18", "18_29", "55_plus")}
    return {
        "EECO01": _by_gender(ledger, people),
        "EECO05": _by_gender(ledger, (who for who in people if _employed(ledger, who))),
        "EECO06": _by_gender(ledger, of_age["under_18"]),
        "EECO07": _by_gender(ledger, of_age["18_29"]),
        "EECO08": _by_gender(ledger, of_age["55_plus"]),
    }


def _employed(ledger: Ledger, who: str) -> bool:
    """An employment in force on the first attended day; a placement is none."""
    person, day = ledger.persons.get(who), ledger.first_days[who]
    return person is not None and any(one.kind == "employed" and one.in_force(day) for one in person.employments)


def _by_gender(ledger: Ledger, people: Iterable[str]) -> dict[str, int]:
    genders = [gender_of(ledger, who) for who in people]
    return {gender: genders.count(gender) for gender in GENDERS} | {"total": len(genders)}
