"""Mails: what went to whom, and what stands in calendars because of it."""

from alembic import op

from services.booking.migrations import forgetting
from shared.database import mechanisms
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


def upgrade() -> None:
    mails.create(op, "booking")
    for statement in DIARY:
        op.execute(statement)
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0016)


def downgrade() -> None:
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0008)
    op.execute("DROP TABLE diary_entries, mails")
