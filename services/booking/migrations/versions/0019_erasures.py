"""People can be erased: what is left of them for the figures, and how far it has come."""

from alembic import op

from services.booking.migrations import forgetting
from shared.database import mechanisms
from shared.database.scope import own_municipality, policy

revision = "0019"
down_revision = "0018"

SYSTEM = "current_setting('kursnav.scope', true) = 'system'"
SEEN = f"current_setting('kursnav.scope', true) = 'project' OR ({own_municipality()})"
STAFF = f"{SYSTEM} OR (NOT erased AND ({SEEN}))"

UP = [
    "ALTER TABLE participants ADD COLUMN age_group text",
    "ALTER TABLE staff ADD COLUMN erased boolean NOT NULL DEFAULT false",
    "DROP POLICY staff_scope ON staff",
    f"CREATE POLICY staff_scope ON staff USING ({STAFF}) WITH CHECK ({STAFF})",
    """
    CREATE TABLE erasures (
        id uuid PRIMARY KEY,
        participant_id uuid NOT NULL REFERENCES participants (participant_id),
        tombstone_id uuid NOT NULL UNIQUE,
        erased_at timestamptz NOT NULL,
        erased_by text NOT NULL,
        attendance_done_at timestamptz,
        number_gone_at timestamptz
    )
    """,
    "CREATE INDEX ix_erasures_participant_id ON erasures (participant_id)",
    *policy("erasures", "false"),
    "GRANT SELECT, INSERT, UPDATE (attendance_done_at, number_gone_at) ON erasures TO booking_app",
    "GRANT UPDATE (recipient) ON mails TO booking_app",
]
DOWN = [
    "REVOKE UPDATE (recipient) ON mails FROM booking_app",
    "DROP TABLE erasures",
    "DROP POLICY staff_scope ON staff",
    f"CREATE POLICY staff_scope ON staff USING ({SYSTEM} OR {SEEN}) WITH CHECK ({SYSTEM} OR {SEEN})",
    "ALTER TABLE staff DROP COLUMN erased",
    "ALTER TABLE participants DROP COLUMN age_group",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0019)


def downgrade() -> None:
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0018)
    for statement in DOWN:
        op.execute(statement)
