"""A county's staff, sessions and registrations, straight into booking's tables. Nobody in it exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import md5
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from infra.demo import catalogue, payloads
from infra.demo.people import FAMILIES, MEN, WOMEN
from services.booking.catalogue.tables import Course, Municipality, Project, Title
from services.booking.planning.working_days import term_after, term_of
from services.booking.tables import BookingTable
from shared.clock import local_day
from shared.codes import code_key
from shared.database.unit_of_work import Unit

LARGE: Final = "1880"
"""Has two of five of all staff, forty to a workplace."""
EVERYBODY: Final = """
      FROM generate_series(0, :staff - 1) n, CAST(:given AS text[]) given, CAST(:family AS text[]) family,
           CAST(:codes AS text[]) codes,
           LATERAL (SELECT codes[CASE WHEN n % 100 < 40 THEN 1 ELSE 2 + n % (cardinality(codes) - 1) END] AS code,
                           given[1 + n % cardinality(given)] AS given_name,
                           family[1 + n / 3 % cardinality(family)] AS family_name) person
"""
EVERY_SESSION: Final = """
      FROM generate_series(0, :sessions - 1) k, CAST(:courses AS text[]) courses, CAST(:codes AS text[]) codes,
           LATERAL (SELECT ((CAST(:today AS date) - 540 + k * 720 / :sessions + 1) + time '09:00')
                           AT TIME ZONE 'Europe/Stockholm' AS start) at,
           LATERAL (SELECT courses[1 + k % cardinality(courses)] AS course, codes[1 + k % cardinality(codes)] AS host,
                           start + CASE WHEN k % 4 = 0 THEN interval '7 days 3 hours' ELSE interval '3 hours' END
                               AS ends) one
"""
"""Three of four are over. Every fourth has two days, every fifth more people than seats."""

STAFF: Final = (
    """
    INSERT INTO participants (participant_id, gender, birth_year, protected, erased)
    SELECT md5('participant ' || n)::uuid, CASE WHEN n % 8 = 0 THEN 'man' ELSE 'woman' END, 1960 + n % 45,
           n % 500 = 0, false
      FROM generate_series(0, :staff - 1) n
    """,
    """
    INSERT INTO staff (id, participant_id, employment_id, municipality, workplace, given_name, family_name, email,
                       language, revision)
    SELECT md5('staff ' || n)::uuid, md5('participant ' || n)::uuid, md5('employment ' || n)::uuid, code,
           'Enhet ' || n / CASE WHEN n % 100 < 40 THEN 100 ELSE 1000 END, given_name, family_name,
           'person.' || n || '@kommun' || code || '.example', 'sv', 1
    """
    + EVERYBODY,
    """
    INSERT INTO employment_periods (employment_id, valid_from, valid_to, participant_id, municipality,
                                    employer_org_number, title, category, kind)
    SELECT f.employment_id, CAST(:today AS date) - 600, CASE WHEN n % 20 = 0 THEN CAST(:today AS date) - 30 END,
           f.participant_id, f.municipality, m.org_number, t.title, t.category, 'employed'
      FROM generate_series(0, :staff - 1) n
      JOIN staff f ON f.id = md5('staff ' || n)::uuid
      JOIN municipalities m ON m.code = f.municipality
      JOIN titles t ON t.position = n % (SELECT count(*) FROM titles)
    """,
)
SESSIONS: Final = (
    """
    INSERT INTO trainers (id, name, email, home_municipality, qualifications, revision)
    SELECT md5('trainer ' || n)::uuid, 'Ledare ' || n, 'ledare.' || n || '@kommun.example',
           (CAST(:codes AS text[]))[1 + n % cardinality(CAST(:codes AS text[]))], '[]', 1
      FROM generate_series(0, 39) n
    """,
    """
    INSERT INTO sessions (id, course, host_municipality, venue, capacity, min_participants, seat_shares,
                          cancellation_deadline, support, starts_at, ends_at, state, revision)
    SELECT md5('session ' || k)::uuid, course, host, 'Sal ' || k % 40, CASE WHEN k % 5 = 0 THEN 20 ELSE 30 END, 8, '{}',
           start - interval '7 days', '{}', start, ends, 'scheduled', 1
    """
    + EVERY_SESSION,
    """
    INSERT INTO occasions (id, session_id, starts_at, ends_at, break_minutes)
    SELECT md5('occasion ' || k || ' ' || week)::uuid, s.id, s.starts_at + week * interval '7 days',
           s.starts_at + week * interval '7 days' + interval '3 hours', 0
      FROM generate_series(0, :sessions - 1) k
      JOIN sessions s ON s.id = md5('session ' || k)::uuid
     CROSS JOIN generate_series(0, CASE WHEN k % 4 = 0 THEN 1 ELSE 0 END) week
    """,
    """
    INSERT INTO session_trainers (session_id, trainer_id, position)
    SELECT md5('session ' || k)::uuid, md5('trainer ' || k % 40)::uuid, 0
      FROM generate_series(0, :sessions - 1) k WHERE k % 25 > 0
    """,
    """
    INSERT INTO blackouts (id, municipality, from_day, to_day, reason, revision)
    SELECT gen_random_uuid(), code, CAST(:today AS date) + n * 30, CAST(:today AS date) + n * 30 + 4, 'Semester', 1
      FROM unnest(CAST(:codes AS text[])) code, generate_series(0, 5) n
    """,
)
REGISTRATIONS: Final = (
    """
    INSERT INTO registrations (id, session_id, staff_id, participant_id, employment_id, municipality, status, via,
                               entry_id, entry_order, registered_at, confirmed_at, ended_at, was, late, neutral,
                               ended_by, support_needs, revision)
    SELECT r.id, s.id, f.id, f.participant_id, f.employment_id, f.municipality, r.status, 'single',
           CASE WHEN r.status = 'waitlisted' THEN r.id END, 0, s.starts_at - interval '60 days',
           CASE WHEN r.status <> 'waitlisted' THEN s.starts_at - interval '60 days' END, r.ended_at, r.was,
           r.was IS NOT NULL, false, CASE WHEN r.was IS NOT NULL THEN 'municipality' END, '{}', 1
      FROM generate_series(0, :sessions - 1) k
      JOIN sessions s ON s.id = md5('session ' || k)::uuid
     CROSS JOIN generate_series(0, CASE WHEN k % 5 = 0 AND s.starts_at > :now THEN 29 ELSE 19 END) j
      JOIN staff f ON f.id = md5('staff ' || (k * 30 + j) * 7 % :staff)::uuid
     CROSS JOIN LATERAL (
        SELECT md5('registration ' || k || ' ' || j)::uuid AS id,
               CASE WHEN j >= 20 THEN 'waitlisted' WHEN k % 15 = 1 AND j = 0 THEN 'cancelled' ELSE 'confirmed' END
                   AS status,
               CASE WHEN k % 15 = 1 AND j = 0 THEN s.starts_at - interval '1 day' END AS ended_at,
               CASE WHEN k % 15 = 1 AND j = 0 THEN 'confirmed' END AS was) r
    """,
    """
    INSERT INTO waiting_entries (id, session_id, minimum, whole, place, since)
    SELECT id, session_id, 1, false, row_number() OVER (PARTITION BY session_id ORDER BY id), registered_at
      FROM registrations WHERE status = 'waitlisted' AND entry_id = id
        ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO reservations (id, session_id, municipality, seats, named, name_by, state, reserved_at, entered_at,
                              revision)
    SELECT gen_random_uuid(), s.id, :large, 3, 0, s.starts_at - interval '5 days', 'open', :now, :now, 1
      FROM generate_series(3, :sessions - 1, 7) k
      JOIN sessions s ON s.id = md5('session ' || k)::uuid AND k % 5 > 0 AND s.starts_at - interval '6 days' > :now
    """,
    """
    INSERT INTO roll_states (session_id, sequence, attested)
    SELECT s.id, 1, true
      FROM generate_series(0, :sessions - 1) k
      JOIN sessions s ON s.id = md5('session ' || k)::uuid AND s.ends_at < :now
    """,
    """
    INSERT INTO attended (session_id, participant_id, minutes, scheduled_minutes, no_show, by_occasion)
    SELECT r.session_id, r.participant_id, minutes * held.days, 180 * held.days, minutes = 0,
           (SELECT jsonb_object_agg(id, minutes) FROM unnest(held.ids) id)
      FROM registrations r
      JOIN (SELECT session_id, count(*) AS days, array_agg(id) AS ids FROM occasions GROUP BY 1) held USING (session_id)
      JOIN roll_states a USING (session_id),
           LATERAL (SELECT CASE WHEN hashtext(r.id::text) % 20 = 0 THEN 0 ELSE 180 END AS minutes) came
     WHERE r.status = 'confirmed'
        ON CONFLICT DO NOTHING
    """,
)
# What follows a registration: an entry of the audit and an invitation. What is wished for next fills 150 sessions.
BESIDE: Final = (
    """
    INSERT INTO audit (id, at, occurred_at, actor, actor_name, actor_role, action, target, after)
    SELECT md5('audit ' || id)::uuid, registered_at, registered_at, 'bench-' || municipality, 'Chef ' || municipality,
           'municipality', 'registration-confirmed', 'registration/' || id,
           jsonb_build_object('session', session_id, 'staff', staff_id)
      FROM registrations
    """,
    """
    INSERT INTO mails (id, key, kind, recipient, recipient_role, subject, language, session_id, person_id, municipality,
                       state, attempts, useful_until, queued_at, ended_at)
    SELECT md5('mail ' || r.id)::uuid, r.id, 'invitation', f.email, 'participant', 'Du har fått en plats', 'sv',
           r.session_id, r.staff_id, r.municipality, 'sent', 1, r.registered_at + interval '1 year', r.registered_at,
           r.registered_at
      FROM registrations r JOIN staff f ON f.id = r.staff_id WHERE r.status = 'confirmed'
    """,
    """
    INSERT INTO demands (municipality, term, wishes, revision)
    SELECT code, :term, jsonb_agg(jsonb_build_object('course', course, 'seats', 30 + length(course))), 1
      FROM unnest(CAST(:codes AS text[])) code, unnest(CAST(:courses AS text[])) course GROUP BY code
    """,
    """
    INSERT INTO commitment_statements (municipality, valid_from, employees, minutes)
    SELECT code, CAST(:today AS date) - 600, 900, 210000 FROM unnest(CAST(:codes AS text[])) code
        ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO commitments (municipality, valid_from, employees, minutes, computed)
    SELECT code, CAST(:today AS date) - 600, 900, 210000, false FROM unnest(CAST(:codes AS text[])) code
        ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO packages (id, code, code_key, title, for_titles, courses, revision)
    SELECT md5('package')::uuid, 'ALLT', 'allt', 'Alla kurser', '{}', :courses, 1
    """,
    """
    INSERT INTO walk_ins (id, walk_in_id, session_id, municipality, name, state, came_at, revision)
    SELECT md5('walk-in ' || k)::uuid, md5('came ' || k)::uuid, id, :large, 'Anna Berg', 'to-identify', starts_at, 1
      FROM generate_series(0, :sessions - 1, 10) k JOIN sessions ON id = md5('session ' || k)::uuid AND ends_at < :now
    """,
    """
    INSERT INTO webhooks (id, municipality, url, events, sealed, state, created_at, revision)
    SELECT md5('webhook')::uuid, :large, 'https://hr.example/kursnav', '{registration-confirmed}', '', 'active', :now, 1
    """,
    """
    INSERT INTO webhook_deliveries (id, webhook_id, municipality, event_id, type, body, state, turn, attempts,
                                    created_at, ended_at)
    SELECT gen_random_uuid(), md5('webhook')::uuid, :large, id, 'registration-confirmed', '{}', 'delivered', 1,
           jsonb_build_array(jsonb_build_object('at', registered_at, 'status', 200, 'error', NULL)), registered_at,
           registered_at
      FROM registrations WHERE municipality = :large
    """,
)
Pages = dict[str, Sequence[str]]
"""Each page's name, and the addresses that are asked for in turn."""


@dataclass(frozen=True)
class Size:
    """How much is made; about twenty registrations a session."""

    staff: int = 50_000
    sessions: int = 2_000


def coming_term(today: date) -> str:
    """The term that is planned now: every municipality has stated its needs."""
    return term_after(term_of(today))


def made(name: str) -> UUID:
    """The id of what the statements call so: `session 7`."""
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())


async def fill(unit: Unit, size: Size) -> None:
    """Makes it, beside what may be there; the catalogue is completed."""
    await _catalogue(unit)
    await run(unit, size, (*STAFF, *SESSIONS, *REGISTRATIONS, *BESIDE, "ANALYZE"))


async def run(unit: Unit, size: Size, statements: Sequence[str]) -> None:
    """Executes statements with those values of the county that they name."""
    codes = [LARGE, *(one.code for one in catalogue.municipalities() if one.code != LARGE)]
    given = {
        "staff": size.staff,
        "sessions": size.sessions,
        "given": [*WOMEN, *MEN],
        "family": list(FAMILIES),
        "codes": codes,
        "courses": [one.code for one in catalogue.courses_of(catalogue.YEAR)],
        "large": LARGE,
        "today": local_day(unit.recorded_at),
        "now": unit.recorded_at,
        "term": coming_term(local_day(unit.recorded_at)),
    }
    for statement in map(text, statements):
        await unit.execute(statement, {name: given[name] for name in statement.compile().params})


async def _catalogue(unit: Unit) -> None:
    members = [{"code": one.code, "name": one.name, "org_number": one.org_number} for one in catalogue.municipalities()]
    titles = [payloads.title(one) for one in catalogue.titles()]
    for position, one in enumerate(titles):
        one |= {"code_key": code_key(one["title"]), "position": position}
    courses = [payloads.course(one) for one in catalogue.courses_of(catalogue.YEAR)]
    for one in courses:
        one |= {"id": uuid4(), "code_key": code_key(one["code"]), "revision": 1}
        one.pop("needs_qualification", None)
    await _add(unit, Project, [_project(local_day(unit.recorded_at))])
    await _add(unit, Municipality, [one | {"revision": 1} for one in members])
    await _add(unit, Title, titles)
    await _add(unit, Course, courses)


def _project(today: date) -> dict[str, Any]:
    entered = payloads.project(today)
    return {
        "id": 1,
        "name": entered["name"],
        "period_from": date.fromisoformat(entered["period"]["from"]),
        "period_to": date.fromisoformat(entered["period"]["to"]),
        "grant_amount": Decimal(entered["grant"]),
        "commitment_minutes": entered["commitment_minutes"],
        "settings": entered["settings"],
        "revision": 1,
    }


async def _add(unit: Unit, table: type[BookingTable], rows: Sequence[dict[str, Any]]) -> None:
    await unit.execute(insert(table).values(rows).on_conflict_do_nothing())
