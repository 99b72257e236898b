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

LOAD = """
    SELECT jsonb_build_object(
        'course', (SELECT jsonb_build_array(c.title, c.categories, c.titles, c.requires,
                (SELECT jsonb_agg(coalesce(t.title_sv, t.title) ORDER BY t.position)
                   FROM titles t WHERE t.title = ANY(c.titles)),
                (SELECT jsonb_object_agg(n.code, n.title) FROM courses n WHERE n.code = ANY(c.requires)))
            FROM courses c WHERE c.code = $1),
        'periods', (SELECT jsonb_agg(jsonb_build_array(starts_at, ends_at)) FROM occasions WHERE session_id = $2),
        'taken', (SELECT jsonb_agg(jsonb_build_array(municipality, seats))
            FROM (SEATS) AS kind WHERE what <> 'waitlisted'),
        'waiting', (SELECT count(*) FROM waiting_entries WHERE session_id = $2),
        'settings', (SELECT CAST(settings AS text) FROM project),
        'period', (SELECT jsonb_build_array(period_from, period_to) FROM project),
        'occupations', (SELECT jsonb_object_agg(employment_id, jsonb_build_array(title, category))
            FROM employment_periods
           WHERE employment_id = ANY(CAST($4 AS uuid[]))
             AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)),
        'booked', (SELECT jsonb_agg(jsonb_build_array(
                r.participant_id, r.id, r.session_id, r.municipality, s.course, c.title, r.status = 'confirmed',
                EXISTS (SELECT 1 FROM roll_states a WHERE a.session_id = r.session_id AND a.attested),
                (SELECT jsonb_agg(jsonb_build_array(o.starts_at, o.ends_at))
                   FROM occasions o WHERE o.session_id = r.session_id)))
            FROM registrations r JOIN sessions s ON s.id = r.session_id JOIN courses c ON c.code = s.course
           WHERE r.participant_id = ANY(CAST($5 AS uuid[]))
             AND r.status IN ('confirmed', 'waitlisted') AND s.state = 'scheduled'),
        'attended', (SELECT jsonb_agg(jsonb_build_array(a.participant_id, s.course, a.minutes, a.scheduled_minutes))
            FROM attended a JOIN sessions s ON s.id = a.session_id
           WHERE a.participant_id = ANY(CAST($5 AS uuid[]))),
        'blackouts', BLACKOUTS) AS found
""".replace("SEATS", seats_of("$2", "$6")).replace("BLACKOUTS", blackouts_of("$2"))


@dataclass(frozen=True)
class Situation:
    """`people` by employment; `waiting` counts the entries of the queue; `promotion_stops` so long before the start."""

    demands: Demands
    seats: Seats
    people: Mapping[UUID, Person]
    waiting: int
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
    found = row["found"]
    settings = _settings(found["settings"] or "[]")
    day = local_day(at)
    return Situation(
        demands=_demands(session, found, project_settings.in_force(settings, "prerequisite_min_share", day)),
        seats=Seats(session.capacity, by_municipality(found["taken"] or ()), session.shares_at(at)),
        people=_people(candidates, found),
        waiting=found["waiting"],
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
