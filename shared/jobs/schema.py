"""The table of jobs; a migration creates it in each service that has jobs."""

from shared.database.mechanisms import Executes

TABLE = [
    # `owner` is who may see it, `began` under whom it runs. `content` is encrypted, and gone when the job has ended.
    # `attempt` rises with each taking: it fences whoever was slow.
    """
    CREATE TABLE jobs (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
        done integer NOT NULL,
        total integer NOT NULL,
        owner text NOT NULL,
        began jsonb NOT NULL,
        request jsonb NOT NULL,
        content bytea,
        run_at timestamptz NOT NULL,
        attempt integer NOT NULL,
        leased_until timestamptz,
        queued_at timestamptz NOT NULL,
        ended_at timestamptz,
        result jsonb,
        CHECK ((state = 'running') = (leased_until IS NOT NULL)),
        CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL))
    )
    """,
    "CREATE INDEX jobs_open ON jobs (run_at, id) WHERE state IN ('queued', 'running')",
    "CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL",
    "ALTER TABLE jobs ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE jobs FORCE ROW LEVEL SECURITY",
    "CREATE POLICY jobs_system ON jobs USING (current_setting('kursnav.scope', true) = 'system')",
    "CREATE POLICY jobs_retention ON jobs TO CURRENT_USER USING (true)",
]
RECURRING = [
    # A recurring job keeps its row. Its attempts rise for ever, for they are the fence: those of the present run are
    # the ones beyond `attempts_before`.
    "ALTER TABLE jobs ADD COLUMN recurring boolean NOT NULL DEFAULT false",
    "ALTER TABLE jobs ADD COLUMN attempts_before integer NOT NULL DEFAULT 0",
]
GRANT = "SELECT, INSERT, UPDATE (state, done, content, run_at, attempt, leased_until, ended_at, result)"
FORGET = (
    "1 day",
    """
    DELETE FROM jobs WHERE id = ANY (ARRAY(
        SELECT id FROM jobs WHERE ended_at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
    """,
)
"""For `mechanisms.create_forget`, as `jobs`."""


def create(op: Executes, service: str) -> None:
    """Creates the table, and says what the service's runtime role may do with it."""
    for statement in TABLE:
        op.execute(statement)
    op.execute(f"GRANT {GRANT} ON jobs TO {service}_app")


def create_recurring(op: Executes, service: str) -> None:
    """Version 2: jobs that come again."""
    for statement in RECURRING:
        op.execute(statement)
    op.execute(f"GRANT UPDATE (attempts_before) ON jobs TO {service}_app")


def drop_recurring(op: Executes) -> None:
    """Back to version 1, whose jobs end."""
    op.execute("DELETE FROM jobs WHERE recurring")
    op.execute("ALTER TABLE jobs DROP COLUMN recurring, DROP COLUMN attempts_before")
