"""The index behind every figure: attended occasions with their day, employer and signature, and who registered where.

Rule (product.md, Reporting 2): an hour is credited to the employer on the day of the occasion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from services.reporting.days import Period
from services.reporting.recompute.merging import of_one_person_each
from services.reporting.recompute.model import (
    UNMATCHED,
    Employment,
    Facts,
    Occasion,
    Person,
    Registration,
    Roll,
    Session,
)


@dataclass(frozen=True, slots=True)
class Attended:
    """Minutes of one person on one occasion, and the employer they are credited to (None: no employment in force)."""

    participant_id: str
    session: Session
    occasion: Occasion
    day: date
    minutes: int
    employment: Employment | None
    signed: int | None = None
    """Minutes that the person has signed for this occasion, None when not signed."""

    @property
    def municipality(self) -> str:
        return self.employment.municipality if self.employment else UNMATCHED


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows a question is about. None means all."""

    municipality: str | None = None
    course: str | None = None

    def takes(self, session: Session, municipality: str) -> bool:
        return self.takes_session(session) and self.municipality in (None, municipality)

    def takes_session(self, session: Session) -> bool:
        return self.course in (None, session.course)


class Ledger:
    """Facts joined once. Lines on a cancelled session, or on one that has not arrived, count nowhere."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts = of_one_person_each(facts)
        self.persons = {person.participant_id: person for person in facts.persons}
        self.sessions = {session.session_id: session for session in facts.sessions if session.occasions}
        self.rolls = {roll.session_id: roll for roll in facts.rolls}
        registrations = _as_they_turned_out(facts, self.sessions)
        self.registrations_of = _by_session(registrations)
        self._occasions = {id_: _occasions(session) for id_, session in self.sessions.items()}
        self._standing = _standing(registrations)
        self._signed = {(s.participant_id, s.session_id, s.occasion_id): s.minutes for s in facts.signatures}

    @cached_property
    def attested(self) -> tuple[Attended, ...]:
        """Every line with minutes > 0 of a roll that is attested now: the only source of attested minutes."""
        return tuple(row for roll in self.facts.rolls for row in self._sealed(roll))

    @cached_property
    def marked(self) -> tuple[Attended, ...]:
        """Current marks with minutes > 0, attested or not."""
        marks = (mark for mark in self.facts.marks if mark.minutes > 0)
        rows = (self._attended(m.session_id, m.participant_id, m.occasion_id, m.minutes) for m in marks)
        return tuple(row for row in rows if row is not None)

    @cached_property
    def signed(self) -> tuple[Attended, ...]:
        """Signed lines that have not been voided."""
        lines = self.facts.signatures
        rows = (self._attended(s.session_id, s.participant_id, s.occasion_id, s.minutes) for s in lines)
        return tuple(row for row in rows if row is not None)

    @cached_property
    def seated(self) -> tuple[Attended, ...]:
        """Every registration confirmed when its session began × the minutes of its occasions: what was scheduled."""
        return tuple(row for session in self.sessions.values() if not session.cancelled for row in self._seats(session))

    @cached_property
    def held(self) -> frozenset[str]:
        """Sessions attested with minutes > 0."""
        return frozenset(row.session.session_id for row in self.attested)

    @cached_property
    def first_days(self) -> dict[str, date]:
        """The day of each person's first attended occasion in the project."""
        found = [(one.participant_id, one.day) for one in self.facts.first_days]
        found += [(row.participant_id, row.day) for row in self.attested]
        return dict(sorted(found, reverse=True))

    @cached_property
    def first_of_session(self) -> dict[tuple[str, str], Attended]:
        """First attended occasion of each participation (person, session)."""
        first: dict[tuple[str, str], Attended] = {}
        for row in sorted(self.attested, key=_begin, reverse=True):
            first[participation(row)] = row
        return first

    def employment_on(self, participant_id: str, session_id: str, day: date) -> Employment | None:
        """The registration's employment if in force that day, else the one in force, else None."""
        registration = self._standing.get((session_id, participant_id))
        return credited(self.persons.get(participant_id), registration.employment_id if registration else None, day)

    def credited_to(self, registration: Registration, day: date) -> str:
        """Code of the municipality that a registration is credited to on that day, or `unmatched`."""
        employment = credited(self.persons.get(registration.participant_id), registration.employment_id, day)
        return employment.municipality if employment else UNMATCHED

    def occasion(self, session_id: str, occasion_id: str) -> Occasion | None:
        return self._occasions.get(session_id, {}).get(occasion_id)

    def _scheduled(self, occasion: Occasion) -> int:
        """Without breaks, unless the project counts them that day."""
        counted = self.facts.project.setting_on("breaks", occasion.day) == "counted"
        return occasion.minutes(breaks_counted=counted)

    def _sealed(self, roll: Roll) -> Iterable[Attended]:
        for line in roll.lines:
            if line.minutes > 0:
                signed = self._signed.get((line.participant_id, roll.session_id, line.occasion_id))
                row = self._attended(roll.session_id, line.participant_id, line.occasion_id, line.minutes, signed)
                if row is not None:
                    yield row

    def _seats(self, session: Session) -> Iterable[Attended]:
        occasions = [(one, one.day, self._scheduled(one)) for one in session.occasions]
        for registration in self.registrations_of.get(session.session_id, []):
            if registration.confirmed_at(session.starts_at):
                person = self.persons.get(registration.participant_id)
                for occasion, day, minutes in occasions:
                    employment = credited(person, registration.employment_id, day)
                    yield Attended(registration.participant_id, session, occasion, day, minutes, employment)

    def _attended(
        self, session_id: str, participant_id: str, occasion_id: str, minutes: int, signed: int | None = None
    ) -> Attended | None:
        session, occasion = self.sessions.get(session_id), self.occasion(session_id, occasion_id)
        if session is None or occasion is None or session.cancelled:
            return None
        day = occasion.day
        employment = self.employment_on(participant_id, session_id, day)
        return Attended(participant_id, session, occasion, day, minutes, employment, signed)


@lru_cache(maxsize=4)
def ledger_of(facts: Facts) -> Ledger:
    """One index per value of facts: several figures of one cut-off share it."""
    return Ledger(facts)


def participation(row: Attended) -> tuple[str, str]:
    """One person on one session."""
    return row.participant_id, row.session.session_id


def within(rows: Iterable[Attended], period: Period, selection: Selection) -> list[Attended]:
    """Rows of the period's occasions, credited to the selected municipality, of the selected course."""
    return [row for row in rows if row.day in period and selection.takes(row.session, row.municipality)]


def credited(person: Person | None, employment_id: str | None, day: date) -> Employment | None:
    """The named employment if in force that day, else the one in force.

    Of several in force: employed before placement, then the newest.
    """
    if person is None:
        return None
    if len(person.employments) == 1:  # nearly everybody: a year has tens of thousands of rows
        [only] = person.employments
        return only if only.in_force(day) else None
    in_force = [employment for employment in person.employments if employment.in_force(day)]
    named = [employment for employment in in_force if employment.employment_id == employment_id]
    return min(named or in_force, key=_preference, default=None)


def _preference(one: Employment) -> tuple[Any, ...]:
    return one.kind != "employed", -one.valid_from.toordinal(), one.employment_id


def _begin(row: Attended) -> tuple[Any, ...]:
    return row.occasion.starts_at, row.session.session_id, row.occasion.occasion_id


def _by_session(registrations: Iterable[Registration]) -> dict[str, list[Registration]]:
    groups: dict[str, list[Registration]] = defaultdict(list)
    for registration in registrations:
        groups[registration.session_id].append(registration)
    return groups


def _as_they_turned_out(facts: Facts, sessions: Mapping[str, Session]) -> list[Registration]:
    """The registrations, but a cancellation of somebody who was there is none when it was late, or came after the
    start (http-api.md, Attendance).

    Where the person came on another registration, the cancelled one counts as nothing.
    """
    there = {(mark.session_id, mark.participant_id) for mark in facts.marks if mark.minutes > 0}
    there |= {(roll.session_id, line.participant_id) for roll in facts.rolls for line in roll.lines if line.minutes > 0}
    seated = {(one.session_id, one.participant_id) for one in facts.registrations if one.confirmed}
    result = []
    for registration in facts.registrations:
        person = (registration.session_id, registration.participant_id)
        session = sessions.get(registration.session_id)
        afterwards = facts.rules > 3 and session is not None and registration.left_after(session.starts_at)
        if not ((registration.cancelled_late or afterwards) and person in there):
            result.append(registration)
        elif person not in seated and registration.steps[1:]:  # else what was before it has not arrived
            result.append(registration.before_the_last_step)
    return result


def _occasions(session: Session) -> dict[str, Occasion]:
    return {occasion.occasion_id: occasion for occasion in (*session.former, *session.occasions)}


def _standing(registrations: Iterable[Registration]) -> dict[tuple[str, str], Registration]:
    """The registration that a person's minutes on a session belong to: the confirmed one, else the latest."""
    best: dict[tuple[str, str], Registration] = {}
    for registration in registrations:
        key = (registration.session_id, registration.participant_id)
        if key not in best or _rank(registration) > _rank(best[key]):
            best[key] = registration
    return best


def _rank(registration: Registration) -> tuple[bool, int]:
    return registration.confirmed, registration.latest.sequence
