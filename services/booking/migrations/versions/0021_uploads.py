"""Files on their way in, and what a municipality's files call their columns."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0021"
down_revision = "0020"

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
    "GRANT SELECT, INSERT, UPDATE (content, columns, job, confirmed, report), DELETE ON uploads TO booking_app",
    """
    CREATE TABLE column_mappings (
        municipality text NOT NULL,
        kind text NOT NULL,
        columns jsonb NOT NULL,
        PRIMARY KEY (municipality, kind)
    )
    """,
    *policy("column_mappings", own_municipality()),
    "GRANT SELECT, INSERT, UPDATE (columns) ON column_mappings TO booking_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE column_mappings, uploads")
