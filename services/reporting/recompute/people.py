"""Unique participants and participations: people with attested minutes > 0, once per project or per session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from services.reporting.recompute.ledger import Attended, Ledger, participation
from services.reporting.recompute.model import UNMATCHED
from shared.age_groups import age_group

GENDERS: Final = ("woman", "man", "non_binary", "unknown")
AGE_GROUPS: Final = ("under_18", "18_29", "30_54", "55_plus", "unknown")
CATEGORIES: Final = ("base", "licensed", "other")


def unique_participants(ledger: Ledger, rows: Iterable[Attended]) -> dict[str, Any]:
    """Each person once in all, and once at each employer credited: who has two employers is one in the county."""
    rows = list(rows)
    people = sorted({row.participant_id for row in rows})
    return {
        "total": len(people),
        "by_gender": _fixed(GENDERS, (gender_of(ledger, who) for who in people)),
        "by_age": _fixed(AGE_GROUPS, (age_group_of(ledger, who) for who in people)),
        "by_municipality": _counted(code for code, _ in {(row.municipality, row.participant_id) for row in rows}),
    }


def participations(ledger: Ledger, rows: Iterable[Attended]) -> dict[str, Any]:
    """Each person once per session; at each employer credited with minutes of it in the period.

    Category and title are those in force on the first attended occasion of the session, even one before the period.
    """
    rows = list(rows)
    ones = {participation(row): row for row in rows}
    firsts = [ledger.first_of_session[key] for key in ones]
    return {
        "total": len(ones),
        "by_category": _fixed(CATEGORIES, (row.employment.category if row.employment else UNMATCHED for row in firsts)),
        "by_title": _counted(row.employment.title if row.employment else UNMATCHED for row in firsts),
        "by_course": _counted(row.session.course for row in ones.values()),
        "by_municipality": _counted(code for code, _ in {(row.municipality, participation(row)) for row in rows}),
    }


def gender_of(ledger: Ledger, participant_id: str) -> str:
    person = ledger.persons.get(participant_id)
    return person.gender if person and person.gender in GENDERS else "unknown"


def age_group_of(ledger: Ledger, participant_id: str) -> str:
    """Year of the first attended occasion in the project minus birth year; an erased person keeps the group it had."""
    person = ledger.persons.get(participant_id)
    if person is None:
        return "unknown"
    if person.birth_year is None:
        return person.age_group if person.age_group in AGE_GROUPS else "unknown"
    return age_group(ledger.first_days[participant_id].year - person.birth_year)


def _fixed(keys: tuple[str, ...], values: Iterable[str]) -> dict[str, int]:
    """A distribution that always shows its keys; others (`unmatched`) only when they occur."""
    counts = Counter(values)
    return {key: counts.pop(key, 0) for key in keys} | dict(sorted(counts.items()))


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
