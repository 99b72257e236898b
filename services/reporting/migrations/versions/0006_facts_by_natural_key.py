"""Facts are found by what they are about: the event that took another's place is looked up by its natural key.

A hash of the key, not the key itself: a key of four ids is longer than the rest of what an insert writes to an index.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

IN_EVERY_VERSION = """
    DO $$
    DECLARE
        facts text;
    BEGIN
        FOR facts IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^facts_v[0-9]+$' LOOP
            EXECUTE format('{statement}', facts);
        END LOOP;
    END $$
"""


def upgrade() -> None:
    create = "CREATE INDEX ix_facts_natural_key ON %I.facts USING hash (natural_key)"
    op.execute(IN_EVERY_VERSION.format(statement=create))


def downgrade() -> None:
    op.execute(IN_EVERY_VERSION.format(statement="DROP INDEX %I.ix_facts_natural_key"))
