"""Participants who were merged are one person on every roll; what was recorded keeps the id that it came under."""

from alembic import op

revision = "0005"
down_revision = "0004"

MARKED = "released.participant_id, mark.participant_id"
CURRENT_MARKS = """
    CREATE OR REPLACE VIEW current_marks WITH (security_invoker = true) AS
    SELECT mark.mark_id, mark.session_id, coalesce(released.participant_id, mark.participant_id) AS participant_id,
           mark.walk_in_id, mark.occasion_id, mark.kind, coalesce(released.standing, mark.standing) AS standing,
           mark.device_id, mark.base_version, coalesce(released.version, mark.version) AS version, mark.status,
           mark.arrived_at, mark.left_at, mark.minutes, mark.absence_reason, mark.source, mark.marked_at,
           mark.device_marked_at, mark.device_time, mark.received_at, mark.recorded_by, mark.on_behalf_of,
           mark.after_seal, mark.replaces, coalesce(released.reason, mark.reason) AS reason, mark.reason_code
      FROM marks AS mark LEFT JOIN mark_releases AS released USING (mark_id)
"""
PEOPLE_ON_ROLLS = """
    CREATE OR REPLACE VIEW people_on_rolls WITH (security_invoker = true) AS
    SELECT entry.session_id, entry.participant_id, entry.registration_id, entry.municipality, entry.registration,
           contact ->> 'given_name' AS given_name, contact ->> 'family_name' AS family_name,
           contact ->> 'email' AS email, contact ->> 'phone' AS phone, contact ->> 'manager_email' AS manager_email,
           person.language, coalesce(person.protected, false) AS protected, coalesce(person.erased, false) AS erased
      FROM roll_entries AS entry
      LEFT JOIN people AS person USING (participant_id)
      CROSS JOIN LATERAL (SELECT coalesce(
           person.contacts -> CAST(entry.employment_id AS text), jsonb_path_query_first(person.contacts, '$.*'))
      ) AS chosen (contact)
"""


SEES_PERSON = """
    ALTER POLICY people_scope ON people
    USING (current_setting('kursnav.scope', true) IN ('system', 'project')
           OR participant_id IN (SELECT participant_id FROM roll_entries))
    WITH CHECK (current_setting('kursnav.scope', true) IN ('system', 'project')
                OR participant_id IN (SELECT participant_id FROM roll_entries))
"""

UP = [
    # Flat: `became` is the end of a chain of merges.
    "CREATE TABLE merged_participants (ended uuid PRIMARY KEY, became uuid NOT NULL CHECK (became <> ended))",
    "CREATE INDEX ix_merged_participants_became ON merged_participants (became)",
    "GRANT SELECT, INSERT, UPDATE (became) ON merged_participants TO attendance_app",
    # One person may have had several registrations, under two ids: the active one holds, else the last one.
    "ALTER TABLE roll_entries DROP CONSTRAINT roll_entries_pkey",
    "ALTER TABLE roll_entries ADD PRIMARY KEY (registration_id)",
    "CREATE INDEX ix_roll_entries_session_id ON roll_entries (session_id)",
    """
    CREATE VIEW roll_people WITH (security_invoker = true) AS
    SELECT DISTINCT ON (entry.session_id, person.id)
           entry.session_id, person.id AS participant_id, entry.registration_id, entry.municipality,
           entry.employment_id, entry.registration, entry.after_seal, entry.sequence
      FROM roll_entries AS entry LEFT JOIN merged_participants AS merged ON merged.ended = entry.participant_id
      CROSS JOIN LATERAL (SELECT coalesce(merged.became, entry.participant_id)) AS person (id)
     ORDER BY entry.session_id, person.id, entry.registration = 'confirmed' DESC,
              entry.registration = 'waitlisted' DESC, entry.sequence DESC
    """,
    # Of two cells the one that was worked out last: from all marks of the person.
    "ALTER TABLE cells ADD COLUMN version integer NOT NULL DEFAULT 0",
    "ALTER TABLE cells ALTER COLUMN version DROP DEFAULT",
    """
    CREATE VIEW current_cells WITH (security_invoker = true) AS
    SELECT DISTINCT ON (cell.session_id, person.id, cell.occasion_id)
           cell.session_id, person.id AS participant_id, cell.occasion_id, cell.mark_id, cell.status, cell.minutes,
           cell.scheduled_minutes, cell.absence_reason, cell.contested
      FROM cells AS cell LEFT JOIN merged_participants AS merged ON merged.ended = cell.participant_id
      CROSS JOIN LATERAL (SELECT coalesce(merged.became, cell.participant_id)) AS person (id)
     ORDER BY cell.session_id, person.id, cell.occasion_id, cell.version DESC, cell.participant_id
    """,
    """
    CREATE VIEW current_conflicts WITH (security_invoker = true) AS
    SELECT id, session_id,
           coalesce((SELECT became FROM merged_participants WHERE ended = participant_id), participant_id)
           AS participant_id,
           occasion_id, kind, marks, opened_at, resolved_at, resolved_by, resolution, reason, revision
      FROM conflicts
    """,
    "GRANT SELECT ON roll_people, current_cells, current_conflicts TO attendance_app",
    CURRENT_MARKS.replace(MARKED, f"coalesce(merged.became, {MARKED})")
    + f"LEFT JOIN merged_participants AS merged ON merged.ended = coalesce({MARKED})",
    PEOPLE_ON_ROLLS.replace("roll_entries", "roll_people"),
    SEES_PERSON.replace("SELECT participant_id FROM roll_entries", "SELECT participant_id FROM roll_people"),
]
DOWN = [
    SEES_PERSON,
    PEOPLE_ON_ROLLS,
    CURRENT_MARKS,
    "ALTER TABLE roll_entries NO FORCE ROW LEVEL SECURITY",  # for the owner, as long as the migration runs
    """
    DELETE FROM roll_entries AS entry WHERE EXISTS (
           SELECT FROM roll_entries AS newer WHERE newer.session_id = entry.session_id
              AND newer.participant_id = entry.participant_id AND newer.sequence > entry.sequence)
    """,
    "ALTER TABLE roll_entries DROP CONSTRAINT roll_entries_pkey",
    "ALTER TABLE roll_entries ADD PRIMARY KEY (session_id, participant_id)",
    "DROP INDEX ix_roll_entries_session_id",
    "ALTER TABLE roll_entries FORCE ROW LEVEL SECURITY",
    "DROP VIEW current_conflicts, current_cells, roll_people",
    "ALTER TABLE cells DROP COLUMN version",
    "DROP TABLE merged_participants",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
