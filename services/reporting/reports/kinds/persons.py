"""The persons of a period, as the lists of several kinds tell of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.reporting.recompute.ledger import Attended, Ledger, ledger_of, participation
from services.reporting.recompute.model import UNMATCHED, Facts
from services.reporting.recompute.people import age_group_of, gender_of
from services.reporting.reports.content import Content
from services.reporting.reports.kinds.kind import attested
from services.reporting.reports.words import Words


@dataclass(frozen=True)
class Person:
    """Somebody with attested minutes in the period, in codes. Employer, title and category are those of the last
    attended occasion; `municipalities` are all that are credited.
    """

    participant_id: str
    gender: str
    age_group: str
    birth_year: int | None
    municipalities: tuple[str, ...]
    municipality: str
    title: str
    category: str
    first_day: date
    last_day: date
    participations: int
    minutes: int


def persons(facts: Facts, content: Content) -> list[Person]:
    """In the order of their ids, which says nothing about them."""
    ledger = ledger_of(facts)
    theirs: dict[str, list[Attended]] = {}
    for row in attested(facts, content):
        theirs.setdefault(row.participant_id, []).append(row)
    return [_person(ledger, who, rows) for who, rows in sorted(theirs.items())]


def _person(ledger: Ledger, who: str, rows: list[Attended]) -> Person:
    known, last = ledger.persons.get(who), max(rows, key=_in_time)
    return Person(
        participant_id=who,
        gender=gender_of(ledger, who),
        age_group=age_group_of(ledger, who),
        birth_year=known.birth_year if known else None,
        municipalities=tuple(sorted({row.municipality for row in rows})),
        municipality=last.municipality,
        title=last.employment.title if last.employment else UNMATCHED,
        category=last.employment.category if last.employment else UNMATCHED,
        first_day=min(row.day for row in rows),
        last_day=last.day,
        participations=len({participation(row) for row in rows}),
        minutes=sum(row.minutes for row in rows),
    )


def employers(content: Content, codes: Iterable[str]) -> str:
    """The names of employers."""
    names, words = content.names["municipalities"], Words(content.order.language)
    return ", ".join(words("unmatched") if code == UNMATCHED else str(names.get(code, code)) for code in codes)


def _in_time(row: Attended) -> tuple[str, str]:
    return row.occasion.starts_at.isoformat(), row.occasion.occasion_id
