"""Reports by schedule: what is stated, what was delivered, and the mails that go out."""

from alembic import op

from services.reporting.migrations import forgetting
from shared.database import mechanisms
from shared.database.scope import policy
from shared.mail import schema as mails

revision = "0017"
down_revision = "0016"

TABLES = [
    """
    CREATE TABLE schedules (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        every text NOT NULL CHECK (every IN ('month', 'quarter', 'year')),
        days_after integer NOT NULL,
        "to" jsonb NOT NULL,
        language text NOT NULL CHECK (language IN ('sv', 'en')),
        created_at timestamptz NOT NULL,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE schedule_deliveries (
        schedule_id uuid NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
        period text NOT NULL,
        report_id uuid REFERENCES reports (id),
        state text NOT NULL CHECK (state IN ('building', 'mailed', 'failed')),
        reason text,
        at timestamptz NOT NULL,
        PRIMARY KEY (schedule_id, period)
    )
    """,
    "CREATE INDEX ix_schedule_deliveries_report_id ON schedule_deliveries (report_id)",
]
GRANTS = {
    "schedules": "SELECT, INSERT, UPDATE (revision), DELETE",
    "schedule_deliveries": "SELECT, INSERT, UPDATE (report_id, state, reason, at)",
}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, granted in GRANTS.items():
        for statement in policy(table, "false"):
            op.execute(statement)
        op.execute(f"GRANT {granted} ON {table} TO reporting_app")
    mails.create(op, "reporting")
    mechanisms.create_forget(op, "reporting", forgetting.SINCE_0017)


def downgrade() -> None:
    mechanisms.create_forget(op, "reporting", forgetting.SINCE_0013)
    op.execute("DROP TABLE schedule_deliveries, schedules, mails")
