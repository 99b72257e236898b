"""Jobs of the shared queue in place of booking's own. Those that wait go on; results of earlier ones are forgotten,
because nobody can tell any more which login they belong to.
"""

from alembic import op

from services.booking.migrations import forgetting
from shared.database import mechanisms
from shared.database.scope import own_municipality, policy
from shared.jobs import schema

revision = "0008"
down_revision = "0007"

MOVE = """
    INSERT INTO jobs (id, kind, state, done, total, owner, began, request, content, run_at, attempt, queued_at)
    SELECT id, kind, 'queued', 0, total, '',
           jsonb_build_object('subject', began_by, 'name', request ->> 'name', 'issuer', '', 'trainer_id', NULL,
                              'municipality', municipality, 'role', request ->> 'role',
                              'occurred_at', request ->> 'occurred_at', 'cause', '{}'::jsonb),
           request - 'name' - 'role' - 'occurred_at', content, began_at, 0, began_at
      FROM earlier_jobs WHERE state IN ('queued', 'running')
"""
EARLIER = """
    CREATE TABLE jobs (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
        done integer NOT NULL,
        total integer NOT NULL,
        began_by text NOT NULL,
        began_at timestamptz NOT NULL,
        municipality text,
        request jsonb NOT NULL,
        content bytea,
        taken_at timestamptz,
        result jsonb
    )
"""


def upgrade() -> None:
    op.execute("ALTER TABLE jobs RENAME TO earlier_jobs")
    op.execute("ALTER TABLE earlier_jobs RENAME CONSTRAINT jobs_pkey TO earlier_jobs_pkey")
    op.execute("ALTER TABLE earlier_jobs NO FORCE ROW LEVEL SECURITY")  # its owner reads it
    schema.create(op, "booking")
    op.execute(MOVE)
    op.execute("DROP TABLE earlier_jobs")
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0008)


def downgrade() -> None:
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0003)
    op.execute("DROP TABLE jobs")
    op.execute(EARLIER)
    for statement in policy("jobs", own_municipality()):
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT, UPDATE ON jobs TO booking_app")
