"""Least privilege: the runtime role may do with each table what the code does, and nothing more. Rows and files join a
report only until it is finished.

A table that a later migration makes gets its own GRANT there, and its line in `tests/integration/test_privileges.py`.
"""

from alembic import op

from shared.database import mechanisms

revision = "0005"
down_revision = "0004"

GRANTS = {
    "reports": "SELECT, INSERT, UPDATE (state, attempts, revision, reason, document, hash, frozen_at)",
    "report_rows": "SELECT, INSERT",
    "report_files": "SELECT, INSERT",
    "active_facts": "SELECT",
}
TABLES = ("report_rows", "report_files")
# The lock waits for whoever is finishing the report at this moment: what comes after it comes too late.
ONLY_WHILE_BUILDING = """
    CREATE FUNCTION keep_finished_contents() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        finished uuid;
    BEGIN
        PERFORM FROM reports WHERE id IN (SELECT report_id FROM added) FOR SHARE;
        FOR finished IN
            SELECT id FROM reports WHERE id IN (SELECT report_id FROM added) AND state IN ('frozen', 'failed')
        LOOP
            RAISE EXCEPTION 'report % is finished: nothing joins it', finished USING ERRCODE = 'restrict_violation';
        END LOOP;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    mechanisms.create_2(op, "reporting", GRANTS)
    op.execute(ONLY_WHILE_BUILDING)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER keep_finished_contents AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
            "FOR EACH STATEMENT EXECUTE FUNCTION keep_finished_contents()"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TRIGGER keep_finished_contents ON {table}")
    op.execute("DROP FUNCTION keep_finished_contents")
    mechanisms.drop_2(op, "reporting")
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON report_rows, report_files FROM reporting_app")
    op.execute("REVOKE DELETE, TRUNCATE ON reports FROM reporting_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON active_facts FROM reporting_app")
