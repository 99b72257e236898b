"""Facts that wait for their counterpart, and hours that no employment in force can be credited with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.reporting.figures.ledger import Attended, Ledger, ledger_of
from services.reporting.figures.model import Facts, Roll, SealedMinutes


@dataclass(frozen=True, slots=True, order=True)
class Unmatched:
    """Something that the figures cannot place. `day` is None where the occasion is unknown."""

    reason: str
    """session-unknown | occasion-unknown | session-cancelled | person-unknown | no-employment"""
    session_id: str
    participant_id: str
    occasion_id: str
    day: date | None
    minutes: int


def unmatched(facts: Facts) -> list[Unmatched]:
    """Attested minutes that are not counted, or not credited to an employer, and why; in a stable order."""
    ledger = ledger_of(facts)
    waiting = (one for roll in ledger.facts.rolls for one in _unplaced(ledger, roll))
    nobodys = (_uncredited(ledger, row) for row in ledger.attested if row.employment is None)
    return sorted([*waiting, *nobodys], key=key)


def key(one: Unmatched) -> tuple[str, str, str, str]:
    """The place of a line in the list."""
    return one.reason, one.session_id, one.participant_id, one.occasion_id


def _unplaced(ledger: Ledger, roll: Roll) -> Iterable[Unmatched]:
    session = ledger.sessions.get(roll.session_id)
    for line in roll.lines:
        if line.minutes == 0:
            continue
        if session is None:
            yield _line("session-unknown", roll, line, None)
        elif (occasion := ledger.occasion(roll.session_id, line.occasion_id)) is None:
            yield _line("occasion-unknown", roll, line, None)
        elif session.cancelled:
            yield _line("session-cancelled", roll, line, occasion.day)


def _line(reason: str, roll: Roll, line: SealedMinutes, day: date | None) -> Unmatched:
    return Unmatched(reason, roll.session_id, line.participant_id, line.occasion_id, day, line.minutes)


def _uncredited(ledger: Ledger, row: Attended) -> Unmatched:
    reason = "no-employment" if row.participant_id in ledger.persons else "person-unknown"
    session_id, occasion_id = row.session.session_id, row.occasion.occasion_id
    return Unmatched(reason, session_id, row.participant_id, occasion_id, row.day, row.minutes)
