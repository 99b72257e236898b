"""Mails: what went to whom, and what stands in calendars because of it."""

from alembic import op

from shared.database import mechanisms
from shared.jobs import schema as jobs
from shared.mail import schema as mails

revision = "0016"
down_revision = "0015"

DIARY = [
    """
    CREATE TABLE diary_entries (
        registration_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        venue text NOT NULL,
        attendee text NOT NULL,
        PRIMARY KEY (registration_id, occasion_id)
    )
    """,
    "CREATE INDEX ix_diary_entries_ends_at ON diary_entries (ends_at)",
    "ALTER TABLE diary_entries ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE diary_entries FORCE ROW LEVEL SECURITY",
    "CREATE POLICY diary_entries_system ON diary_entries USING (current_setting('kursnav.scope', true) = 'system')",
    "CREATE POLICY diary_entries_retention ON diary_entries TO CURRENT_USER USING (true)",
    "GRANT SELECT, INSERT, UPDATE (starts_at, ends_at, venue, attendee), DELETE ON diary_entries TO booking_app",
]
AUDIT = """
    DELETE FROM audit WHERE id = ANY (ARRAY(
        SELECT id FROM audit WHERE at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
FORGET_DIARY = """
    DELETE FROM diary_entries WHERE (registration_id, occasion_id) IN (
        SELECT registration_id, occasion_id FROM diary_entries WHERE ends_at < latest
         LIMIT at_most FOR UPDATE SKIP LOCKED)
"""
BEFORE = {**mechanisms.FORGET_2, "audit": ("30 days", AUDIT), "jobs": jobs.FORGET}
FORGET = {**BEFORE, "mails": mails.FORGET, "diary_entries": ("0 days", FORGET_DIARY)}


def upgrade() -> None:
    mails.create(op, "booking")
    for statement in DIARY:
        op.execute(statement)
    mechanisms.create_forget(op, "booking", FORGET)


def downgrade() -> None:
    mechanisms.create_forget(op, "booking", BEFORE)
    op.execute("DROP TABLE diary_entries, mails")
