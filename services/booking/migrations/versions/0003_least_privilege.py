"""Least privilege: the runtime role may do with each table what the code does, and nothing more.

A table that a later migration makes gets its own GRANT there, and its line in `tests/integration/test_privileges.py`.
"""

from alembic import op

from services.booking.migrations import forgetting
from shared.database import mechanisms

revision = "0003"
down_revision = "0002"

GRANTS = {
    **dict.fromkeys(
        (
            "project",
            "municipalities",
            "courses",
            "packages",
            "title_list",
            "trainers",
            "participants",
            "vault",
            "staff",
            "jobs",
            "sessions",
            "registrations",
            "roll_states",
        ),
        "SELECT, INSERT, UPDATE",
    ),
    **dict.fromkeys(
        ("commitment_statements", "employment_periods", "waiting_entries"), "SELECT, INSERT, UPDATE, DELETE"
    ),
    # Replaced whole.
    **dict.fromkeys(("commitments", "titles", "occasions", "session_trainers", "attended"), "SELECT, INSERT, DELETE"),
    # Evidence: added to, never changed.
    **dict.fromkeys(("audit", "queue_decisions"), "SELECT, INSERT"),
}


def upgrade() -> None:
    mechanisms.create_2(op, "booking", GRANTS)
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0003)
    op.execute("CREATE POLICY audit_retention ON audit TO CURRENT_USER USING (true)")
    op.execute("CREATE INDEX ix_audit_at ON audit (at)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_audit_at")
    op.execute("DROP POLICY audit_retention ON audit")
    mechanisms.drop_2(op, "booking")
    op.execute("REVOKE UPDATE, DELETE ON audit, queue_decisions FROM booking_app")
