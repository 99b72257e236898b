"""Sessions and seats belong to the day of the last occasion; registrations of a cancelled session count nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.ledger import Ledger, Selection, participation
from services.reporting.recompute.model import Registration, Session
from services.reporting.shares import share


def sessions(ledger: Ledger, period: Period, selection: Selection) -> dict[str, Any]:
    """Sessions held (attested with minutes > 0) and cancelled; courses with at least one session not cancelled.

    With a municipality: the sessions that it hosts.
    """
    ones = sessions_of(ledger, period, selection)
    if selection.municipality is not None:
        ones = [session for session in ones if session.host_municipality == selection.municipality]
    cancelled = [session for session in ones if session.cancelled]
    return {
        "held": sum(session.session_id in ledger.held for session in ones),
        "cancelled": len(cancelled),
        "cancelled_by_cause": dict(sorted(Counter(session.cause or "other" for session in cancelled).items())),
        "courses_offered": len({session.course for session in ones if not session.cancelled}),
    }


def seats(ledger: Ledger, period: Period, selection: Selection) -> dict[str, Any]:
    """Registrations by their fate. `fill_rate` = persons who attended held sessions (walk-ins too) ÷ seats offered.

    With a municipality: the registrations credited to it. Seats are offered to all alike, so they are nobody's.
    """
    counts: Counter[str] = Counter()
    for session in sessions_of(ledger, period, selection):
        if not session.cancelled:
            for registration in registrations_of(ledger, session, selection):
                counts.update(fates(ledger, session, registration))
    projects = selection.municipality is None
    offered = sum(session.capacity for session in held_of(ledger, period, selection)) if projects else None
    return {
        "offered": offered,
        "confirmed": counts["confirmed"],
        "cancelled_in_time": counts["cancelled_in_time"],
        "cancelled_late": counts["cancelled_late"],
        "no_show": counts["no_show"],
        "walk_in": counts["walk_in"],
        "fill_rate": None if offered is None else share(attended(ledger, period, selection), offered),
    }


def attended(ledger: Ledger, period: Period, selection: Selection) -> int:
    """Persons who attended the held sessions of the period, once a session."""
    ids = {session.session_id for session in held_of(ledger, period, selection)}
    rows = (row for row in ledger.attested if row.session.session_id in ids)
    return len({participation(row) for row in rows if selection.takes(row.session, row.municipality)})


def is_no_show(ledger: Ledger, registration: Registration) -> bool:
    """Confirmed, not cancelled since, no minutes on the attested roll, and not excused.

    Excused is who is excused on every occasion that the roll lists. One whom the roll does not list was registered
    after the seal, whatever day the registration is dated, and is not a no-show.
    """
    roll = ledger.rolls.get(registration.session_id)
    if roll is None or not registration.confirmed:
        return False
    lines = [line for line in roll.lines if line.participant_id == registration.participant_id]
    if not lines and ledger.facts.rules == 2:
        return registration.confirmed_at(ledger.sessions[registration.session_id].starts_at)
    return bool(lines) and all(line.minutes == 0 for line in lines) and not all(line.excused for line in lines)


def fates(ledger: Ledger, session: Session, registration: Registration) -> Iterable[str]:
    at_start = registration.confirmed_at(session.starts_at)
    if session.session_id in ledger.held and at_start:
        yield "confirmed"
    afterwards = {2: False, 3: at_start}.get(ledger.facts.rules, registration.left_after(session.starts_at))
    if registration.cancelled_late:
        yield "cancelled_late"
    elif registration.gave_its_seat_up and not afterwards:
        yield "cancelled_in_time"
    if registration.confirmed and registration.via == "walk-in":
        yield "walk_in"
    if is_no_show(ledger, registration):
        yield "no_show"


def sessions_of(ledger: Ledger, period: Period, selection: Selection) -> list[Session]:
    return [s for s in ledger.sessions.values() if selection.takes_session(s) and s.last_day in period]


def held_of(ledger: Ledger, period: Period, selection: Selection) -> list[Session]:
    return [s for s in sessions_of(ledger, period, selection) if s.session_id in ledger.held]


def registrations_of(ledger: Ledger, session: Session, selection: Selection) -> Iterable[Registration]:
    registrations = ledger.registrations_of.get(session.session_id, [])
    if selection.municipality is None:
        return registrations
    day = session.last_day
    return [one for one in registrations if ledger.credited_to(one, day) == selection.municipality]
