"""Which version of the facts counts. The runtime role reads the row; a rebuild changes it as the owner."""

from alembic import op

revision = "0003"
down_revision = "0002"

# The first migration made version 1. Whatever version counts gets its name back, and the others go.
BACK_TO_VERSION_1 = """
    DO $$
    DECLARE
        counts text := (SELECT 'facts_v' || version FROM active_facts);
        other text;
    BEGIN
        FOR other IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^facts_v[0-9]+$' AND nspname <> counts LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', other);
        END LOOP;
        IF counts <> 'facts_v1' THEN
            EXECUTE format('ALTER SCHEMA %I RENAME TO facts_v1', counts);
        END IF;
    END $$
"""


def upgrade() -> None:
    op.execute(
        "CREATE TABLE active_facts (only_row boolean PRIMARY KEY CHECK (only_row), version integer NOT NULL, "
        "since timestamptz NOT NULL)"
    )
    op.execute("INSERT INTO active_facts VALUES (true, 1, now())")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON active_facts FROM reporting_app")
    # The consumer's name no longer says a version: positions and dead letters stay when the facts are swapped.
    op.execute("UPDATE consumer_positions SET consumer = 'reporting' WHERE consumer = 'reporting-v1'")
    op.execute("UPDATE dead_letters SET consumer = 'reporting' WHERE consumer = 'reporting-v1'")


def downgrade() -> None:
    op.execute("DELETE FROM consumer_positions WHERE consumer LIKE 'reporting-v%'")
    op.execute("DELETE FROM dead_letters WHERE consumer LIKE 'reporting-v%'")
    op.execute("UPDATE consumer_positions SET consumer = 'reporting-v1' WHERE consumer = 'reporting'")
    op.execute("UPDATE dead_letters SET consumer = 'reporting-v1' WHERE consumer = 'reporting'")
    op.execute(BACK_TO_VERSION_1)
    op.execute("DROP TABLE active_facts")
