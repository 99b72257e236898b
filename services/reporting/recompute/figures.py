"""The figures of a period: one answer with every measure, each labelled, none mixed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.ledger import Ledger, Selection, ledger_of, within
from services.reporting.recompute.minutes import measures
from services.reporting.recompute.model import Facts, HeadCount
from services.reporting.recompute.people import participations, unique_participants
from services.reporting.recompute.seats import seats, sessions
from services.reporting.recompute.surveys import surveys
from services.reporting.recompute.trainers import trainers
from shared.codes import Spellings


def figures(facts: Facts, period: Period, municipality: str | None = None, course: str | None = None) -> dict[str, Any]:
    """What GET /v1/figures answers, to the digit.

    `municipality` is a code: what is credited to that employer, and the sessions that it hosts; surveys and head counts
    are None, for they have no employer. `course` is a code: only that course's sessions. Trainers stay the project's.
    """
    # The course's code may be written in any case.
    spelled = course and Spellings(session.course for session in facts.sessions).of(course)
    return figures_of(facts, period, Selection(municipality, spelled))


def figures_of(facts: Facts, period: Period, selection: Selection, *, mean_decimals: int = 4) -> dict[str, Any]:
    ledger = ledger_of(facts)
    rows = within(ledger.attested, period, selection)
    answers = surveys(ledger, period, selection, mean_decimals)
    return {
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat()},
        "cut_off": {topic: dict(offsets) for topic, offsets in facts.cut_off.items()},
        "data_as_of": timestamp(facts.data_as_of),
        "unique_participants": unique_participants(ledger, rows),
        "participations": participations(ledger, rows),
        "sessions": sessions(ledger, period, selection),
        "seats": seats(ledger, period, selection),
        "minutes": dict(measures(ledger, period, selection)),
        "surveys": answers,
        "trainers": trainers(facts.trainers, period.last),
        "approximate": {"head_counts": head_counts(ledger, period, selection)},
    }


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
