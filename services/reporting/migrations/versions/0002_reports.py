"""Frozen reports: orders, input rows, files."""

from alembic import op

from shared.database.scope import policy

revision = "0002"
down_revision = "0001"

STATEMENTS = [
    """
    CREATE TABLE reports (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        version integer NOT NULL,
        supersedes uuid REFERENCES reports (id),
        period text NOT NULL,
        municipality text,
        language text NOT NULL CHECK (language IN ('sv', 'en')),
        texts jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        cut_off jsonb NOT NULL,
        state text NOT NULL CHECK (state IN ('queued', 'building', 'frozen', 'failed')),
        attempts integer NOT NULL,
        reason text,
        document jsonb,
        hash text,
        frozen_at timestamptz,
        revision integer NOT NULL,
        CHECK ((state = 'frozen') = (document IS NOT NULL AND hash IS NOT NULL AND frozen_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_reports_waiting ON reports (created_at) WHERE state IN ('queued', 'building')",
    # A report is followed by one version; a failed one does not count.
    "CREATE UNIQUE INDEX ix_reports_supersedes ON reports (supersedes) WHERE state <> 'failed'",
    """
    CREATE TABLE report_rows (
        report_id uuid NOT NULL REFERENCES reports (id),
        number integer NOT NULL,
        kind text NOT NULL,
        row text NOT NULL,
        PRIMARY KEY (report_id, number)
    )
    """,
    """
    CREATE TABLE report_files (
        report_id uuid NOT NULL REFERENCES reports (id),
        format text NOT NULL,
        sha256 text NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (report_id, format)
    )
    """,
    # The files are compressed formats already, except small ones: no second compression in the database.
    "ALTER TABLE report_files ALTER COLUMN content SET STORAGE EXTERNAL",
    # Frozen is frozen: the runtime role can add rows and files but not touch them again, nor a report that is finished.
    "REVOKE UPDATE, DELETE, TRUNCATE ON report_rows, report_files FROM reporting_app",
    "REVOKE DELETE, TRUNCATE ON reports FROM reporting_app",
    """
    CREATE FUNCTION keep_finished_reports() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'report % is %: it cannot be changed', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER keep_finished_reports BEFORE UPDATE ON reports
    FOR EACH ROW WHEN (OLD.state IN ('frozen', 'failed')) EXECUTE FUNCTION keep_finished_reports()
    """,
]


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    # A report holds rows of every municipality: only roles that see the whole project read it.
    for table in ("reports", "report_rows", "report_files"):
        for statement in policy(table, "false"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE report_files, report_rows, reports")
    op.execute("DROP FUNCTION keep_finished_reports")
