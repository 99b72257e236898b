"""The county's rolls, marks, seals, signatures and placements, straight into attendance's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, text

from infra.bench.county import EVERY_SESSION, EVERYBODY, Size, run
from infra.demo import payloads
from services.attendance.attestation.tables import Seal
from services.attendance.project.tables import THE_ONE, ProjectSettings
from services.attendance.rolls.content import Content, contents_of
from services.attendance.rolls.queries import MARKS, of_sessions
from shared.clock import local_day
from shared.database.unit_of_work import Unit

PEOPLE: Final = (
    """
    INSERT INTO catalogue_names (key, name, sequence)
    SELECT 'municipality/' || code, 'Kommun ' || code, 1 FROM unnest(CAST(:codes AS text[])) code
        ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO people (participant_id, contacts, language, protected, erased, sequence)
    SELECT md5('participant ' || n)::uuid,
           jsonb_build_object(md5('employment ' || n)::uuid, jsonb_build_object(
               'given_name', given_name, 'family_name', family_name, 'email', 'person.' || n || '@kommun.example')),
           'sv', n % 500 = 0, false, 1
    """
    + EVERYBODY,
    """
    INSERT INTO employers (participant_id, employments, sequence)
    SELECT md5('participant ' || n)::uuid, jsonb_build_array(jsonb_build_object(
               'employment_id', md5('employment ' || n)::uuid, 'municipality', code, 'kind', 'employed',
               'valid_from', CAST(:today AS date) - 600)), 1
    """
    + EVERYBODY,
    """
    INSERT INTO trainer_contacts (trainer_id, name, email, sequence)
    SELECT md5('trainer ' || n)::uuid, 'Ledare ' || n, 'ledare.' || n || '@kommun.example', 1
      FROM generate_series(0, 39) n
    """,
    """
    INSERT INTO placements (id, participant_id, municipality, workplace, from_day, revision)
    SELECT md5('placement ' || n)::uuid, participant_id, employments -> 0 ->> 'municipality', 'Enhet 1',
           CAST(:today AS date) - 7 * (1 + n % 20), 1
      FROM generate_series(0, 399) n JOIN employers ON participant_id = md5('participant ' || n)::uuid
    """,
    """
    INSERT INTO weekly_notes (id, placement_id, week, version, answers, noted_on, noted_by, revision)
    SELECT gen_random_uuid(), id, to_char(from_day + 7 * week, 'IYYY-"W"IW'), 1, '{}', from_day + 7 * week, 'bench', 1
      FROM placements, generate_series(0, 19) week WHERE from_day + 7 * week < CAST(:today AS date)
    """,
)
# One in twenty was ill. Of every ninth session two phones say two things, and it waits to be attested.
ROLLS: Final = (
    """
    INSERT INTO rolls (session_id, course, course_title, host_municipality, venue, cancelled, trainers, former_trainers,
                       starts_at, ends_at, sequence, state, roll_version, content_version)
    SELECT md5('session ' || k)::uuid, course, course, host, 'Sal ' || k % 40, false,
           ARRAY[md5('trainer ' || k % 40)::uuid::text], '{}', start, ends, 1, 'open', 1, 1
    """
    + EVERY_SESSION,
    """
    INSERT INTO occasions (occasion_id, session_id, starts_at, ends_at, break_minutes, dropped)
    SELECT md5('occasion ' || k || ' ' || week)::uuid, session_id, starts_at + week * interval '7 days',
           starts_at + week * interval '7 days' + interval '3 hours', 0, false
      FROM generate_series(0, :sessions - 1) k JOIN rolls ON session_id = md5('session ' || k)::uuid
     CROSS JOIN generate_series(0, CASE WHEN k % 4 = 0 THEN 1 ELSE 0 END) week
    """,
    """
    INSERT INTO roll_entries (registration_id, session_id, participant_id, municipality, employment_id, registration,
                              after_seal, sequence)
    SELECT md5('registration ' || k || ' ' || j)::uuid, md5('session ' || k)::uuid, participant_id,
           employments -> 0 ->> 'municipality', CAST(employments -> 0 ->> 'employment_id' AS uuid), 'confirmed', false,
           1
      FROM generate_series(0, :sessions - 1) k CROSS JOIN generate_series(0, 19) j
      JOIN employers ON participant_id = md5('participant ' || (k * 30 + j) * 7 % :staff)::uuid
    """,
    """
    INSERT INTO marks (mark_id, session_id, participant_id, occasion_id, kind, standing, device_id, base_version,
                       version, status, absence_reason, source, marked_at, device_marked_at, device_time, received_at,
                       recorded_by, after_seal)
    SELECT md5('mark ' || registration_id || occasion_id)::uuid, session_id, participant_id, occasion_id, 'mark',
           'recorded', 'phone', 1, 1, CASE WHEN ill THEN 'absent' ELSE 'present' END,
           CASE WHEN ill THEN 'illness' END, 'trainer', starts_at, starts_at, starts_at, starts_at, 'trainer', false
      FROM roll_entries JOIN occasions USING (session_id),
           LATERAL (SELECT hashtext(registration_id::text) % 20 = 0 AS ill) was
     WHERE starts_at < :now
    """,
    """
    INSERT INTO cells (session_id, participant_id, occasion_id, mark_id, status, minutes, scheduled_minutes,
                       absence_reason, contested, version)
    SELECT session_id, participant_id, occasion_id, mark_id, status, CASE WHEN status = 'present' THEN 180 ELSE 0 END,
           180, absence_reason, false, 1
      FROM marks
    """,
    """
    WITH doubted AS (
        UPDATE cells SET mark_id = NULL, status = NULL, minutes = 0, contested = true
         WHERE (session_id, participant_id) IN (
               SELECT session_id, participant_id FROM generate_series(1, :sessions - 1, 9) k
                 JOIN roll_entries ON registration_id = md5('registration ' || k || ' 0')::uuid)
        RETURNING *
    ), other AS (
        INSERT INTO marks (mark_id, session_id, participant_id, occasion_id, kind, standing, device_id, base_version,
                           version, status, minutes, source, marked_at, device_marked_at, device_time, received_at,
                           recorded_by, after_seal)
        SELECT gen_random_uuid(), session_id, participant_id, occasion_id, 'mark', 'recorded', 'other phone', 1, 1,
               'present', 90, 'trainer', starts_at, starts_at, starts_at, starts_at, 'trainer', false
          FROM doubted JOIN occasions USING (session_id, occasion_id)
        RETURNING *
    )
    INSERT INTO conflicts (id, session_id, participant_id, occasion_id, kind, marks, opened_at, revision)
    SELECT gen_random_uuid(), session_id, participant_id, occasion_id, 'marks',
           ARRAY[other.mark_id, md5('mark ' || registration_id || occasion_id)::uuid], other.received_at, 1
      FROM other JOIN roll_entries USING (session_id, participant_id)
    """,
)
OVER: Final = text(
    """
    SELECT session_id, ends_at FROM rolls
     WHERE ends_at < :now AND session_id NOT IN (SELECT session_id FROM conflicts)
    """
)
# Everybody was asked what they think, and half of the people have signed.
SEALED: Final = (
    """
    UPDATE rolls SET state = 'attested', sealed_hash = seals.sealed_hash
      FROM seals WHERE seals.session_id = rolls.session_id
    """,
    "ANALYZE",
    """
    INSERT INTO signatures (id, participant_id, month, document_hash, method, signed_at, signed_by)
    SELECT md5('signature ' || participant_id || month)::uuid, participant_id, month, repeat('0', 64), 'code',
           max(ends_at), 'link'
      FROM attested_lines WHERE hashtext(participant_id::text) % 2 = 0 GROUP BY participant_id, month
    """,
    """
    INSERT INTO signed_items (signature_id, occasion_id, session_id, minutes)
    SELECT id, occasion_id, session_id, minutes FROM attested_lines JOIN signatures USING (participant_id, month)
    """,
    """
    INSERT INTO survey_rounds (session_id, survey, version, roll_version, invited, answered, closes_at)
    SELECT session_id, survey, 1, 1, 18, 12, :now
      FROM seals CROSS JOIN unnest(ARRAY['participant', 'manager']) survey
    """,
    "ANALYZE",
)


async def fill_rolls(unit: Unit, size: Size) -> None:
    """Makes it, beside what may be there."""
    project = payloads.project(local_day(unit.recorded_at))
    await unit.execute(insert(ProjectSettings), {"id": THE_ONE, "settings": project["settings"], "sequence": 1})
    await run(unit, size, (*PEOPLE, *ROLLS, "ANALYZE"))
    over = {row["session_id"]: row["ends_at"] for row in await unit.all(OVER, {"now": unit.recorded_at})}
    contents = await contents_of(unit, over, await of_sessions(unit, MARKS, over))
    await unit.execute(insert(Seal), [_seal(content, over[session]) for session, content in contents.items()])
    await run(unit, size, SEALED)


def _seal(content: Content, at: datetime) -> dict[str, Any]:
    """As attesting stores it."""
    return {
        "session_id": content.session_id,
        "roll_version": 1,
        "sealed_hash": content.hash,
        "content": content.as_json(),
        "attested_at": at,
        "attested_by": "trainer",
        "attested_as": "trainer",
    }
