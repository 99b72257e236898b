"""Files on their way in, and what files call their columns."""

from alembic import op

from shared.database.scope import policy

revision = "0019"
down_revision = "0018"

UP = [
    """
    CREATE TABLE uploads (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        owner text NOT NULL,
        content bytea,
        peek bytea NOT NULL,
        columns jsonb,
        job uuid,
        confirmed boolean NOT NULL DEFAULT false,
        report bytea,
        kept_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_uploads_kept_at ON uploads (kept_at)",
    "ALTER TABLE uploads ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE uploads FORCE ROW LEVEL SECURITY",
    "CREATE POLICY uploads_system ON uploads USING (current_setting('kursnav.scope', true) = 'system')",
    "GRANT SELECT, INSERT, UPDATE (content, columns, job, confirmed, report), DELETE ON uploads TO reporting_app",
    """
    CREATE TABLE column_mappings (
        municipality text NOT NULL,
        kind text NOT NULL,
        columns jsonb NOT NULL,
        PRIMARY KEY (municipality, kind)
    )
    """,
    *policy("column_mappings", "false"),
    "GRANT SELECT, INSERT, UPDATE (columns) ON column_mappings TO reporting_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE column_mappings, uploads")
