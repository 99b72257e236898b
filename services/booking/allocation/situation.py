"""What a decision about registrations needs to know, read in one statement while the session's lock is held."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from services.booking.allocation.blackouts import BlackedOut, blackouts_of
from services.booking.allocation.eligibility import Attended, Booked, Demands, Occupation, Person
from services.booking.allocation.lock import Candidate, LockedSession
from services.booking.allocation.promotion import QueueOrder
from services.booking.allocation.rules import Period
from services.booking.allocation.seats import Seats
from services.booking.allocation.taken import by_municipality, seats_of
from services.booking.catalogue import project_settings
from services.booking.catalogue.events import stored_settings
from shared.clock import local_day
from shared.database.unit_of_work import Unit

# By person, and never by session: a plan made while tables were small reads all registrations of all sessions.
FOUND = """
    jsonb_build_object(
        'course', (SELECT jsonb_build_array(c.title, c.categories, c.titles, c.requires,
                (SELECT jsonb_agg(coalesce(t.title_sv, t.title) ORDER BY t.position)
                   FROM titles t WHERE t.title = ANY(c.titles)),
                (SELECT jsonb_object_agg(n.code, n.title) FROM courses n WHERE n.code = ANY(c.requires)))
            FROM courses c WHERE c.code = COURSE),
        'periods', (SELECT jsonb_agg(jsonb_build_array(starts_at, ends_at)) FROM occasions WHERE session_id = SESSION),
        'taken', (SELECT jsonb_agg(jsonb_build_array(municipality, seats))
            FROM (SEATS) AS kind WHERE what <> 'waitlisted'),
        'waiting', (SELECT jsonb_build_array(count(*), coalesce(max(place), 0))
            FROM waiting_entries WHERE session_id = SESSION),
        'settings', (SELECT CAST(settings AS text) FROM project),
        'period', (SELECT jsonb_build_array(period_from, period_to) FROM project),
        'occupations', (SELECT jsonb_object_agg(employment_id, jsonb_build_array(title, category))
            FROM employment_periods
           WHERE employment_id = ANY(CAST(EMPLOYMENTS AS uuid[]))
             AND valid_from <= DAY AND (valid_to IS NULL OR valid_to >= DAY)),
        'booked', (SELECT jsonb_agg(jsonb_build_array(
                r.participant_id, r.id, r.session_id, r.municipality, s.course, c.title, r.status = 'confirmed',
                EXISTS (SELECT 1 FROM roll_states a WHERE a.session_id = r.session_id AND a.attested),
                (SELECT jsonb_agg(jsonb_build_array(o.starts_at, o.ends_at))
                   FROM occasions o WHERE o.session_id = r.session_id)))
            FROM unnest(CAST(PERSONS AS uuid[])) AS person (id)
           CROSS JOIN LATERAL (SELECT * FROM registrations WHERE participant_id = person.id
                AND status IN ('confirmed', 'waitlisted') OFFSET 0) AS r
            JOIN sessions s ON s.id = r.session_id JOIN courses c ON c.code = s.course
           WHERE s.state = 'scheduled'),
        'attended', (SELECT jsonb_agg(jsonb_build_array(a.participant_id, s.course, a.minutes, a.scheduled_minutes))
            FROM attended a JOIN sessions s ON s.id = a.session_id
           WHERE a.participant_id = ANY(CAST(PERSONS AS uuid[]))),
        'blackouts', BLACKOUTS) AS found
"""


def _found(course: str, session: str, day: str, employments: str, persons: str, moment: str) -> str:
    """The expression of all that, of expressions of SQL."""
    found = FOUND.replace("SEATS", seats_of(session, moment)).replace("BLACKOUTS", blackouts_of(session))
    names = ("COURSE", "SESSION", "DAY", "EMPLOYMENTS", "PERSONS")
    for name, value in zip(names, (course, session, day, employments, persons), strict=True):
        found = found.replace(name, value)
    return found


LOAD = "SELECT " + _found("$1", "$2", "$3", "$4", "$5", "$6")
LOAD_EACH = """
    SELECT wanted.session, FOUND
      FROM json_to_recordset(CAST(CAST($1 AS text) AS json))
           AS wanted (course text, session uuid, day date, employments uuid[], persons uuid[])
""".replace(
    "FOUND", _found("wanted.course", "wanted.session", "wanted.day", "wanted.employments", "wanted.persons", "$2")
)


@dataclass(frozen=True)
class Situation:
    """`people` by employment; `waiting` counts the entries of the queue, up to `last_place`; `promotion_stops` so long
    before the start.
    """

    demands: Demands
    seats: Seats
    people: Mapping[UUID, Person]
    waiting: int
    last_place: int
    queue_order: QueueOrder
    promotion_stops: timedelta
    project_period: tuple[date, date] | None
    blackouts: Sequence[BlackedOut] = ()


async def load_situation(
    unit: Unit, session: LockedSession, candidates: Sequence[Candidate], at: datetime
) -> Situation:
    """The session's demands and seats at a moment, and what is known of the candidates. Only in system scope."""
    [row] = await unit.fetch(
        LOAD,
        session.course,
        session.id,
        session.first_day,
        [candidate.employment_id for candidate in candidates],
        list({candidate.participant_id for candidate in candidates}),
        at,
    )
    return _situation(session, candidates, at, row["found"])


async def load_situations(
    unit: Unit, wanted: Sequence[tuple[LockedSession, Sequence[Candidate]]], at: datetime
) -> list[Situation]:
    """The same of several sessions in one statement, in their order."""
    asked = [
        {
            "course": session.course,
            "session": session.id,
            "day": session.first_day,
            "employments": [candidate.employment_id for candidate in candidates],
            "persons": list({candidate.participant_id for candidate in candidates}),
        }
        for session, candidates in wanted
    ]
    rows = await unit.fetch(LOAD_EACH, to_json(asked).decode(), at)
    found = {row["session"]: row["found"] for row in rows}
    return [_situation(session, candidates, at, found[session.id]) for session, candidates in wanted]


def _situation(
    session: LockedSession, candidates: Sequence[Candidate], at: datetime, found: Mapping[str, Any]
) -> Situation:
    settings = _settings(found["settings"] or "[]")
    day = local_day(at)
    return Situation(
        demands=_demands(session, found, project_settings.in_force(settings, "prerequisite_min_share", day)),
        seats=Seats(session.capacity, by_municipality(found["taken"] or ()), session.shares_at(at)),
        people=_people(candidates, found),
        waiting=found["waiting"][0],
        last_place=found["waiting"][1],
        queue_order=QueueOrder(project_settings.in_force(settings, "queue_order", day)),
        promotion_stops=timedelta(hours=project_settings.in_force(settings, "promotion_stops_hours", day)),
        project_period=_period(found["period"]),
        blackouts=BlackedOut.all(found["blackouts"]),
    )


@lru_cache(maxsize=8)
def _settings(stored: str) -> Sequence[project_settings.Setting]:
    """The project's settings, read once for each text that they ever are."""
    return stored_settings(json.loads(stored))


def _period(found: Sequence[str] | None) -> tuple[date, date] | None:
    return None if found is None else (date.fromisoformat(found[0]), date.fromisoformat(found[1]))


def _demands(session: LockedSession, found: Mapping[str, Any], min_share: float) -> Demands:
    title, categories, titles, requires, known_titles, required = found["course"]
    return Demands(
        session.id,
        session.course,
        session.first_day,
        _periods(found["periods"]),
        frozenset(categories),
        frozenset(titles or ()),
        requires,
        _fraction(min_share),
        title,
        known_titles or (),
        required or {},
    )


@lru_cache(maxsize=8)
def _fraction(share: float) -> Fraction:
    """As it is written: 0.8 is four fifths."""
    return Fraction(str(share))


def _people(candidates: Sequence[Candidate], found: Mapping[str, Any]) -> dict[UUID, Person]:
    booked: dict[str, list[Booked]] = defaultdict(list)
    for person, registration, *of_session, confirmed, judged, periods in found["booked"] or ():
        session, municipality, course, title = of_session
        times = _periods(periods)
        named = f"{title} {local_day(min(each.starts_at for each in times))}"
        where = UUID(registration), UUID(session), municipality, course
        other = Booked(*where, confirmed, judged, times, named)
        booked[person].append(other)
    attended: dict[str, list[Attended]] = defaultdict(list)
    for person, course, minutes, scheduled in found["attended"] or ():
        attended[person].append(Attended(course, minutes, scheduled))
    occupations = found["occupations"] or {}
    people = {}
    for candidate in candidates:
        occupation = occupations.get(str(candidate.employment_id))
        person = str(candidate.participant_id)
        people[candidate.employment_id] = Person(
            candidate.participant_id, Occupation(*occupation) if occupation else None, booked[person], attended[person]
        )
    return people


def _periods(found: Sequence[Sequence[str]]) -> list[Period]:
    return [Period(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in found]
