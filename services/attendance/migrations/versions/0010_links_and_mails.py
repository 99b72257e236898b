"""Personal links, and the mails by which they go."""

from alembic import op

from services.attendance.migrations import forgetting
from shared.database import mechanisms
from shared.database.scope import policy
from shared.mail import schema as mails

revision = "0010"
down_revision = "0009"

LINKS = [
    """
    CREATE TABLE links (
        id uuid PRIMARY KEY,
        participant_id uuid NOT NULL,
        employment_id uuid,
        digest bytea NOT NULL UNIQUE,
        made_at timestamptz NOT NULL,
        made_by text NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoked_by text,
        CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
    )
    """,
    "CREATE INDEX ix_links_participant_id ON links (participant_id)",
    *policy("links", "false"),
    "CREATE POLICY links_retention ON links TO CURRENT_USER USING (true)",
    "GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by) ON links TO attendance_app",
    "GRANT UPDATE (recipient) ON mails TO attendance_app",
]


def upgrade() -> None:
    mails.create(op, "attendance")
    for statement in LINKS:
        op.execute(statement)
    mechanisms.create_forget(op, "attendance", forgetting.SINCE_0010)


def downgrade() -> None:
    mechanisms.create_forget(op, "attendance", forgetting.SINCE_0006)
    op.execute("DROP TABLE links, mails")
