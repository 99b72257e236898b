"""Reports are built by the shared queue of jobs: those that were ordered and are not finished are queued there."""

from alembic import op

from services.reporting.migrations import forgetting
from shared.database import mechanisms
from shared.jobs import schema

revision = "0007"
down_revision = "0006"

QUEUE = """
    INSERT INTO jobs (id, kind, state, done, total, owner, began, request, run_at, attempt, queued_at)
    SELECT gen_random_uuid(), 'report', 'queued', 0, 0, '',
           jsonb_build_object('subject', NULL, 'name', NULL, 'issuer', '', 'municipality', NULL, 'trainer_id', NULL,
                              'role', NULL, 'occurred_at', NULL, 'cause', '{}'::jsonb),
           jsonb_build_object('report', id), created_at, 0, created_at
      FROM reports WHERE state IN ('queued', 'building')
"""
WAITING = "CREATE INDEX ix_reports_waiting ON reports (created_at) WHERE state IN ('queued', 'building')"


def upgrade() -> None:
    schema.create(op, "reporting")
    op.execute("ALTER TABLE reports NO FORCE ROW LEVEL SECURITY")  # all rows for the owner, for this step
    op.execute(QUEUE)
    op.execute("ALTER TABLE reports FORCE ROW LEVEL SECURITY")
    op.execute("DROP INDEX ix_reports_waiting")
    op.execute("ALTER TABLE reports DROP COLUMN attempts")
    mechanisms.create_forget(op, "reporting", forgetting.SINCE_0007)


def downgrade() -> None:
    mechanisms.create_forget(op, "reporting", mechanisms.FORGET_2)
    op.execute("ALTER TABLE reports ADD COLUMN attempts integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE reports ALTER COLUMN attempts DROP DEFAULT")
    op.execute("GRANT UPDATE (attempts) ON reports TO reporting_app")
    op.execute(WAITING)
    op.execute("DROP TABLE jobs")
