"""No index by natural key: which fact of a natural key counts is decided where the facts are read, all at once."""

from alembic import op

revision = "0004"
down_revision = "0003"

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
    op.execute(IN_EVERY_VERSION.format(statement="DROP INDEX IF EXISTS %I.ix_facts_natural_key"))


def downgrade() -> None:
    create = "CREATE INDEX ix_facts_natural_key ON %I.facts (natural_key, sequence)"
    op.execute(IN_EVERY_VERSION.format(statement=create))
