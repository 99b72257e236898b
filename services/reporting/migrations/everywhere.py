"""What a migration does to the facts, it does to every version of them: a rebuild may be under way."""

from alembic import op

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


def in_every_version(statement: str) -> None:
    """Runs a statement in which `%I` stands for the schema of a version."""
    op.execute(IN_EVERY_VERSION.format(statement=statement))
