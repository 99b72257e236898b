"""What was marked before marks were only added is what it was."""

from uuid import uuid4

import asyncpg

from shared.database.migrate import migrate
from tests.support import databases
from tests.support.stack import Stack

ROLL = """
    INSERT INTO rolls (session_id, course, course_title, host_municipality, venue, cancelled, trainers, starts_at,
                       ends_at, sequence, state, roll_version, content_version)
    VALUES ($1, 'HLR', 'HLR', '1880', 'KTC', false, '{}', now(), now(), 1, 'open', 3, 3)
"""
ENTRY = """
    INSERT INTO roll_entries (session_id, participant_id, registration_id, municipality, registration, walk_in_id,
                              sequence)
    VALUES ($1, $2, gen_random_uuid(), '1884', 'confirmed', $3, 1)
"""
MARK = """
    INSERT INTO marks (mark_id, session_id, participant_id, occasion_id, kind, standing, device_id, base_version,
                       version, status, source, marked_at, received_at, recorded_by)
    VALUES (gen_random_uuid(), $1, $2, gen_random_uuid(), 'mark', $3, 'phone', 1, 2, 'present', 'trainer',
            '2025-03-03T09:00Z', '2025-03-03T12:00Z', 'trainer')
"""
MARKS = (
    "SELECT standing, participant_id, device_marked_at = marked_at AND device_time = received_at AS by_their_clock "
    "FROM current_marks ORDER BY standing"
)


async def test_marks_and_walk_ins_outlive_the_change(stack: Stack) -> None:
    session, person, walk_in = uuid4(), uuid4(), uuid4()
    async with databases.empty(stack.admin_url, "attendance") as name:
        owner = databases.owner_url(stack.admin_url, "attendance", name)
        await migrate("attendance", owner, "0003")
        connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, name))
        try:
            await connection.execute(ROLL, session)
            await connection.execute(ENTRY, session, person, walk_in)
            for standing in ("discarded", "held", "recorded"):
                await connection.execute(MARK, session, person, standing)
            await migrate("attendance", owner)
            marks = [tuple(row) for row in await connection.fetch(MARKS)]
            links = [tuple(row) for row in await connection.fetch("SELECT * FROM walk_in_links")]
        finally:
            await connection.close()
    assert marks == [(standing, person, True) for standing in ("discarded", "held", "recorded")]
    assert links == [(walk_in, session, person)]
