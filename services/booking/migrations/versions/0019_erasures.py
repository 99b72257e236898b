"""People can be erased: what is left of them for the figures, and how far it has come."""

from alembic import op

from shared.database import mechanisms
from shared.database.scope import own_municipality, policy
from shared.jobs import schema as jobs
from shared.mail import schema as mails

revision = "0019"
down_revision = "0018"

SYSTEM = "current_setting('kursnav.scope', true) = 'system'"
SEEN = f"current_setting('kursnav.scope', true) = 'project' OR ({own_municipality()})"
STAFF = f"{SYSTEM} OR (NOT erased AND ({SEEN}))"
AUDIT = """
    DELETE FROM audit WHERE id = ANY (ARRAY(
        SELECT id FROM audit WHERE at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
DIARY = """
    DELETE FROM diary_entries WHERE (registration_id, occasion_id) IN (
        SELECT registration_id, occasion_id FROM diary_entries WHERE ends_at < latest
         LIMIT at_most FOR UPDATE SKIP LOCKED)
"""
DELIVERIES = """
    DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries WHERE created_at < latest AND state <> 'pending'
         LIMIT at_most FOR UPDATE SKIP LOCKED))
"""
NUMBERS = """
    DELETE FROM vault USING erasures e, participants p
     WHERE e.participant_id = vault.participant_id AND p.participant_id = vault.participant_id
       AND p.erased AND e.number_gone_at IS NOT NULL
"""
BEFORE = {
    **mechanisms.FORGET_2,
    "audit": ("30 days", AUDIT),
    "jobs": jobs.FORGET,
    "mails": mails.FORGET,
    "diary_entries": ("0 days", DIARY),
    "webhook_deliveries": ("3 days", DELIVERIES),
}
FORGET = {**BEFORE, "numbers_of_erased": ("0 days", NUMBERS)}

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
    mechanisms.create_forget(op, "booking", FORGET)


def downgrade() -> None:
    mechanisms.create_forget(op, "booking", BEFORE)
    for statement in DOWN:
        op.execute(statement)
