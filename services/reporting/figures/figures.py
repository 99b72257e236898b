"""The figures of a period: one answer with every measure, each labelled, none mixed."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from services.reporting.figures.ledger import Ledger, Selection, ledger_of, within
from services.reporting.figures.minutes import minutes
from services.reporting.figures.model import Facts, HeadCount, Period
from services.reporting.figures.people import participations, unique_participants
from services.reporting.figures.seats import seats, sessions
from services.reporting.figures.suppression import hidden_by, suppress
from services.reporting.figures.surveys import surveys
from services.reporting.figures.trainers import trainers


def figures(facts: Facts, period: Period, municipality: str | None = None, course: str | None = None) -> dict[str, Any]:
    """What GET /v1/figures answers, before small groups are hidden.

    `municipality` is a code: only what is credited to that employer; surveys and head counts are None, for they have
    no employer. `course` is a code: only that course's sessions. Trainers and courses offered stay the project's.
    """
    ledger, selection = ledger_of(facts), Selection(municipality, course)
    rows = within(ledger.attested, period, selection)
    return {
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat()},
        "cut_off": {topic: dict(offsets) for topic, offsets in facts.cut_off.items()},
        "data_as_of": timestamp(facts.data_as_of),
        "suppressed": [],
        "unique_participants": unique_participants(ledger, rows),
        "participations": participations(ledger, rows),
        "sessions": sessions(ledger, period, selection),
        "seats": seats(ledger, period, selection),
        "minutes": minutes(ledger, period, selection),
        "surveys": surveys(ledger, period, selection),
        "trainers": trainers(facts.trainers, period.last),
        "approximate": {"head_counts": head_counts(ledger, period, selection)},
    }


def suppressed_figures(
    facts: Facts, period: Period, municipality: str | None = None, course: str | None = None, *, own: bool = False
) -> dict[str, Any]:
    """The same with small groups hidden: for evaluators, and (`own`) for a municipality that may ask for itself only.

    A narrowed answer also hides the totals that the wider answers, which the same caller can ask for, hide.
    """
    also: set[str] = set()
    if municipality is not None and not own:
        also |= hidden_by(figures(facts, period, None, course), categories(facts), municipality=municipality)
    if course is not None:
        also |= hidden_by(figures(facts, period, municipality), categories(facts), course=course)
    return suppress(figures(facts, period, municipality, course), categories(facts), also)


def categories(facts: Facts) -> dict[str, str]:
    """Each title's category, where it has only one."""
    found: dict[str, set[str]] = defaultdict(set)
    for person in facts.persons:
        for employment in person.employments:
            found[employment.title].add(employment.category)
    return {title: next(iter(ones)) for title, ones in found.items() if len(ones) == 1}


def head_counts(ledger: Ledger, period: Period, selection: Selection) -> int | None:
    """People counted without names. Never persons, never hours; None under a municipality filter."""
    if selection.municipality is not None:
        return None
    return sum(one.count for one in ledger.facts.head_counts if _counted(ledger, one, period, selection))


def _counted(ledger: Ledger, one: HeadCount, period: Period, selection: Selection) -> bool:
    session, occasion = ledger.sessions.get(one.session_id), ledger.occasion(one.session_id, one.occasion_id)
    if session is None or occasion is None or session.cancelled:
        return False
    return selection.takes_session(session) and occasion.day in period


def timestamp(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
