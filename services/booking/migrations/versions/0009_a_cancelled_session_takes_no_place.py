"""Of a cancelled session the registrations stay as they were, and take nobody's place: two participants who both stand
on it can be merged.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

UP = [
    "ALTER TABLE registrations NO FORCE ROW LEVEL SECURITY",  # for the owner, as long as the migration runs
    "ALTER TABLE registrations ADD COLUMN session_cancelled boolean NOT NULL DEFAULT false",
    """
    UPDATE registrations SET session_cancelled = true
      FROM sessions WHERE sessions.id = registrations.session_id AND sessions.state = 'cancelled'
    """,
    "DROP INDEX ux_registrations_active",
    """
    CREATE UNIQUE INDEX ux_registrations_active ON registrations (session_id, participant_id)
        WHERE status IN ('confirmed', 'waitlisted') AND NOT session_cancelled
    """,
    "ALTER TABLE registrations FORCE ROW LEVEL SECURITY",
]
DOWN = [
    "DROP INDEX ux_registrations_active",
    """
    CREATE UNIQUE INDEX ux_registrations_active ON registrations (session_id, participant_id)
        WHERE status IN ('confirmed', 'waitlisted')
    """,
    "ALTER TABLE registrations DROP COLUMN session_cancelled",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
