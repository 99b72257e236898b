"""The physical limit: a booking's work as one function in the server, called by many connections as pgbench would.

Booking's own tables with their indexes, keys and policies, and the same rows: registration, audit, counter, event. What
is not there is everything between a client and PostgreSQL, and the rules beyond target group, time and seats.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from infra.bench.databases import database_of

DATABASE: Final = "limit"
CONNECTIONS: Final = 20
FILL: Final = (
    "INSERT INTO municipalities (code, name, org_number, revision) VALUES ('1880', 'Orebro', '212000-1967', 1)",
    """
    INSERT INTO courses (id, code, code_key, title, description, duration_minutes, categories, requires, languages,
                         revision)
    VALUES (gen_random_uuid(), 'HYG', 'hyg', 'Hygien', '', 120, '{base}', '{}', '{sv}', 1)
    """,
    """
    INSERT INTO sessions (id, course, host_municipality, venue, capacity, seat_shares, cancellation_deadline, support,
                          starts_at, ends_at, state, revision)
    SELECT gen_random_uuid(), 'HYG', '1880', 'Sal', 1000, '{}', now(), '{}',
           now() + make_interval(days => day), now() + make_interval(days => day, hours => 2), 'scheduled', 1
      FROM generate_series(1, 40) AS day
    """,
    """
    INSERT INTO occasions (id, session_id, starts_at, ends_at, break_minutes)
    SELECT gen_random_uuid(), id, starts_at, ends_at, 0 FROM sessions
    """,
    """
    INSERT INTO participants (participant_id, gender, birth_year, protected, erased)
    SELECT gen_random_uuid(), 'woman', 1980, false, false FROM generate_series(1, 200)
    """,
    """
    INSERT INTO staff (id, participant_id, employment_id, municipality, workplace, given_name, family_name, language,
                       revision)
    SELECT gen_random_uuid(), participant_id, gen_random_uuid(), '1880', 'Hemtjanst', 'Ada', 'Berg', 'sv', 1
      FROM participants
    """,
    """
    INSERT INTO employment_periods (employment_id, valid_from, participant_id, municipality, employer_org_number, title,
                                    category, kind)
    SELECT employment_id, '2020-01-01', participant_id, municipality, '212000-1967', 'assistant_nurse', 'base',
           'permanent'
      FROM staff
    """,
    "ANALYZE",
)
BOOK: Final = """
CREATE FUNCTION book(wanted uuid, asked uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    place sessions;
    person staff;
    registration uuid := gen_random_uuid();
    number bigint;
BEGIN
    SELECT * INTO place FROM sessions WHERE id = wanted FOR NO KEY UPDATE;
    SELECT * INTO person FROM staff WHERE id = asked AND NOT erased;
    PERFORM pg_advisory_xact_lock(5226, hashtext(CAST(person.participant_id AS text)));
    IF NOT EXISTS (SELECT FROM employment_periods e JOIN courses c ON c.code = place.course
                    WHERE e.employment_id = person.employment_id AND e.category = ANY (c.categories)
                      AND CAST(place.starts_at AS date) BETWEEN e.valid_from AND coalesce(e.valid_to, 'infinity'))
    THEN RETURN 'not-in-target-group'; END IF;
    IF EXISTS (SELECT FROM registrations r JOIN occasions theirs ON theirs.session_id = r.session_id
                 JOIN occasions ours ON ours.session_id = wanted
                WHERE r.participant_id = person.participant_id AND r.status IN ('confirmed', 'waitlisted')
                  AND theirs.starts_at < ours.ends_at AND ours.starts_at < theirs.ends_at)
    THEN RETURN 'overlapping'; END IF;
    IF (SELECT count(*) FROM registrations WHERE session_id = wanted AND status = 'confirmed') >= place.capacity
    THEN RETURN 'full'; END IF;
    INSERT INTO registrations (id, session_id, staff_id, participant_id, employment_id, municipality, status, via,
                               entry_order, registered_at, confirmed_at, support_needs, revision)
    VALUES (registration, wanted, asked, person.participant_id, person.employment_id, person.municipality, 'confirmed',
            'single', 0, now(), now(), '{}', 1);
    INSERT INTO audit (id, at, occurred_at, actor, actor_role, action, target)
    VALUES (gen_random_uuid(), now(), now(), 'bench', 'municipality', 'registration-confirmed',
            'registration/' || registration);
    INSERT INTO event_counters AS counters VALUES ('kursnav.booking.v1', CAST(wanted AS text), 1)
    ON CONFLICT (topic, key) DO UPDATE SET last = counters.last + 1 RETURNING last INTO number;
    INSERT INTO outbox (event_id, topic, key, sequence, headers, value, recorded_at)
    VALUES (gen_random_uuid(), 'kursnav.booking.v1', CAST(wanted AS text), number,
            jsonb_build_object('ce_type', 'registration-confirmed', 'ce_id', registration, 'ce_time', now()),
            convert_to(CAST(jsonb_build_object('registration_id', registration, 'session_id', wanted,
                'participant_id', person.participant_id, 'employment_id', person.employment_id,
                'municipality', person.municipality, 'via', 'single') AS text), 'UTF8'), now());
    RETURN 'confirmed';
END $$
"""

CALLS: Final = """
    SELECT session.id AS session, person.id AS person
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM sessions) AS session
     CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM staff) AS person
     ORDER BY (session.number + person.number) % 40, person.number, session.number LIMIT $1
"""


async def bookings_in_the_server(admin_url: str, count: int) -> float:
    """Bookings per second of the function alone. Raises RuntimeError when one is refused."""
    async with database_of("booking", admin_url, DATABASE):
        pool = await asyncpg.create_pool(
            urlunsplit(urlsplit(admin_url)._replace(path=f"/{DATABASE}")),
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
        )
        try:
            for statement in (*FILL, BOOK):
                await pool.execute(statement)
            # Neighbours share neither a session's lock nor a person's.
            rows = await pool.fetch(CALLS, 2 * count)
            calls = [(row["session"], row["person"]) for row in rows]
            await _all(pool, calls[:count])  # with plans made, and caches warm
            return count / await _all(pool, calls[count:])
        finally:
            await pool.close()


async def _all(pool: asyncpg.Pool[asyncpg.Record], calls: list[tuple[UUID, UUID]]) -> float:
    """Seconds for all of the calls, by as many connections as there are."""
    waiting = iter(calls)

    async def drain() -> None:
        async with pool.acquire() as connection:
            book = await connection.prepare("SELECT book($1, $2)")
            for session, person in waiting:
                if (said := await book.fetchval(session, person)) != "confirmed":
                    raise RuntimeError(f"a booking in the server was refused: {said}")

    began = time.perf_counter()
    await asyncio.gather(*(drain() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began
