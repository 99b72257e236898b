"""Personal links, and the mails by which they go."""

from alembic import op

from shared.database import mechanisms
from shared.database.scope import policy
from shared.jobs import schema as jobs
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
BEFORE = {**mechanisms.FORGET_2, "jobs": jobs.FORGET}
FORGET = {
    **BEFORE,
    "mails": mails.FORGET,
    "links": (
        "30 days",
        """
        DELETE FROM links WHERE id = ANY (ARRAY(
            SELECT id FROM links WHERE expires_at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
        """,
    ),
}


def upgrade() -> None:
    mails.create(op, "attendance")
    for statement in LINKS:
        op.execute(statement)
    mechanisms.create_forget(op, "attendance", FORGET)


def downgrade() -> None:
    mechanisms.create_forget(op, "attendance", BEFORE)
    op.execute("DROP TABLE links, mails")
