"""Figures of some days, recomputed from the demo's own book: an independent check of what reporting answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from infra.demo.book import Book, Difference, SessionBook
from infra.demo.catalogue import SIGNED_FROM, YEAR
from infra.demo.plan import StaffRow

AGE_LIMITS = ((18, "under_18"), (30, "18_29"), (55, "30_54"), (200, "55_plus"))

FEWEST_ANSWERS = 5
"""Fewer answers to a question are told to nobody."""
THE_YEAR = (date(YEAR, 1, 1), date(YEAR, 12, 31))
Days = tuple[date, date]


@dataclass(frozen=True)
class Participation:
    """One person on one session with attested minutes, on behalf of one employer."""

    row: StaffRow
    session: SessionBook
    minutes: int

    @property
    def signed(self) -> int:
        return self.session.signed_of(self.row.key)

    @property
    def claimable(self) -> int:
        """What the project counts: rounded to whole minutes, and signed where it demands that."""
        return self.signed if self.session.plan.first_day >= SIGNED_FROM else self.minutes


def participations(book: Book, sessions: Iterable[SessionBook]) -> Iterator[Participation]:
    """Everybody with attested minutes, once per session."""
    for session in sessions:
        if not session.called_off:
            for staff in session.present:
                yield Participation(book.year.staff[staff], session, session.minutes_of(staff))


def figures(book: Book, days: Days = THE_YEAR) -> dict[str, Any]:
    """What `GET /reporting/v1/figures` must answer for these days, without period and cut-off.

    No session begins before the days and ends within them, or the other way round.
    """
    sessions = book.between(*days)
    attended = list(participations(book, sessions))
    running = [session for session in sessions if not session.called_off]
    return {
        "unique_participants": _unique(attended, _first_years(book)),
        "participations": _participations(attended),
        "sessions": _sessions(sessions),
        "seats": _seats(running),
        "minutes": _minutes(running, attended),
        "surveys": _surveys(running),
        "trainers": _trainers(book, days[1]),
        "approximate": {"head_counts": 0},
    }


def cofinancing(book: Book, as_of: date = THE_YEAR[1]) -> dict[str, Any]:
    """What `GET /reporting/v1/cofinancing` must answer, without the forecast."""
    attended = list(participations(book, book.between(THE_YEAR[0], as_of)))
    rows = [
        _standing(m.commitment_minutes, [one for one in attended if one.row.municipality == m.code])
        | {"code": m.code, "name": m.name}
        for m in book.year.municipalities
    ]
    promised = sum(m.commitment_minutes for m in book.year.municipalities)
    return {"project": _standing(promised, attended), "municipalities": rows}


def differences(where: str, expected: Any, found: Any) -> Iterator[Difference]:
    """Every leaf of `expected` that `found` does not have; what `found` has beyond it is not compared."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            yield from differences(f"{where}.{name}", value, found.get(name))
    elif expected != found:
        yield Difference(where, expected, found)


def surplus(where: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    """What a distribution has beyond the expected keys: nobody may be counted elsewhere."""
    for name in sorted(found.keys() - expected.keys()):
        if found[name]:
            yield Difference(f"{where}.{name}", None, found[name])


def share(part: int, whole: int) -> float | None:
    """A fraction with four decimals, rounded half up (contract: likewise every share, mean and fill rate)."""
    if not whole:
        return None
    return float(Fraction(int(Fraction(part, whole) * 10_000 + Fraction(1, 2)), 10_000))


def _standing(commitment: int, attended: Sequence[Participation]) -> dict[str, Any]:
    attested = sum(one.minutes for one in attended)
    return {
        "commitment_minutes": commitment,
        "attested_minutes": attested,
        "claimable_minutes": sum(one.claimable for one in attended),
        "attainment": share(attested, commitment),
    }


def _first_years(book: Book) -> dict[str, int]:
    """By personal number the year of the first attended occasion in the project, from which the age is counted."""
    first: dict[str, int] = {}
    for one in participations(book, book.sessions.values()):
        year, number = one.session.plan.first_day.year, one.row.person.number
        first[number] = min(year, first.get(number, year))
    return first


def _unique(attended: Sequence[Participation], first_years: Mapping[str, int]) -> dict[str, Any]:
    people = {one.row.person.number: one.row.person for one in attended}
    employed = {(one.row.municipality, one.row.person.number) for one in attended}
    genders = Counter(person.gender for person in people.values())
    ages = Counter(_age_group(first_years[number] - person.birth_year) for number, person in people.items())
    return {
        "total": len(people),
        "by_gender": {name: genders[name] for name in ("woman", "man", "non_binary", "unknown")},
        "by_age": {name: ages[name] for name in (*(group for _, group in AGE_LIMITS), "unknown")},
        "by_municipality": dict(Counter(code for code, _ in employed)),
    }


def _age_group(age: int) -> str:
    return next(group for limit, group in AGE_LIMITS if age < limit)


def _participations(attended: list[Participation]) -> dict[str, Any]:
    categories = Counter(one.row.title.category for one in attended)
    return {
        "total": len(attended),
        "by_category": {name: categories[name] for name in ("base", "licensed", "other")},
        "by_title": dict(Counter(_title_key(one.row) for one in attended)),
        "by_course": dict(Counter(one.session.plan.course.code for one in attended)),
        "by_municipality": dict(Counter(one.row.municipality for one in attended)),
    }


def _title_key(row: StaffRow) -> str:
    """The code of a known title, however the municipality wrote it; else its own words."""
    known = row.title_text in (row.title.code, row.title.title_sv)
    return row.title.code if known else row.title_text


def _sessions(sessions: Sequence[SessionBook]) -> dict[str, Any]:
    called_off = [session for session in sessions if session.called_off]
    causes = Counter(session.plan.cancelled[1] for session in called_off if session.plan.cancelled)
    running = [session for session in sessions if not session.called_off]
    return {
        "held": sum(session.held for session in running),
        "cancelled": len(called_off),
        "cancelled_by_cause": dict(causes),
        "courses_offered": len({session.plan.course.code for session in running}),
    }


def _seats(running: list[SessionBook]) -> dict[str, Any]:
    held = [session for session in running if session.held]
    offered = sum(session.plan.capacity for session in held)
    dropouts = [one for session in running for one in session.dropouts if one.was == "confirmed"]
    return {
        "offered": offered,
        "confirmed": sum(len(session.confirmed) for session in held),
        "cancelled_in_time": sum(not one.late for one in dropouts),
        "cancelled_late": sum(one.late for one in dropouts),
        "no_show": sum(len(session.no_shows) for session in held),
        "walk_in": sum(len(session.walked_in) for session in running),
        "fill_rate": share(sum(len(session.present) for session in held), offered),
    }


def _minutes(running: list[SessionBook], attended: list[Participation]) -> dict[str, Any]:
    return {
        "scheduled": sum(len(session.confirmed) * session.plan.minutes for session in running if session.held),
        "attended": sum(sum(session.marked.values()) for session in running),
        "attested": sum(one.minutes for one in attended),
        "unmatched_minutes": 0,
        "signed": sum(one.signed for one in attended),
        "claimable": sum(one.claimable for one in attended),
        "lost_to_rounding": 0,
    }


def _surveys(running: list[SessionBook]) -> dict[str, Any]:
    given = [answer for session in running for answer in session.plan.answers[: session.answers]]
    helped = Counter(answer.helped for answer in given)
    support = Counter(answer.language_support for answer in given)
    needed = len(given) - support["not_needed"]
    questions = {
        "helped": {
            "n": len(given),
            "high": helped["high"],
            "fairly_high": helped["fairly_high"],
            "share": share(helped["high"] + helped["fairly_high"], len(given)),
        },
        "confidence": {"n": len(given), "mean": share(sum(a.confidence for a in given), len(given))},
        "language_support": {
            "needed": needed,
            "fully": support["fully"],
            "partly": support["partly"],
            "no": support["no"],
            "share": share(support["fully"] + support["partly"], needed),
        },
    }
    if 0 < len(given) < FEWEST_ANSWERS:
        questions = {name: dict.fromkeys(block) for name, block in questions.items()}
    return {
        "participant": {
            "invited": sum(session.invited for session in running),
            "answered": len(given),
            **questions,
        },
        "manager": {"invited": 0, "answered": 0},
    }


def _trainers(book: Book, on: date) -> dict[str, Any]:
    qualified = [trainer for trainer in book.year.trainers if trainer.qualified_on <= on]
    return {
        "qualified": {"KlinSim1": len(qualified)},
        "starting_later": sum(trainer.active_from > on for trainer in qualified),
        "left": sum(trainer.active_to is not None and trainer.active_to <= on for trainer in qualified),
    }
