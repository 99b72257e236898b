"""Facts keep no copies of what key and data say: since figures are SQL over the current state nothing reads them."""

from alembic import op

revision = "0014"
down_revision = "0013"

COPIES = ("session_id", "participant_id", "municipality")
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
    _alter(", ".join(f"DROP COLUMN {name}" for name in COPIES))


def downgrade() -> None:
    _alter(", ".join(f"ADD COLUMN {name} text" for name in COPIES))


def _alter(changes: str) -> None:
    op.execute(IN_EVERY_VERSION.format(statement=f"ALTER TABLE %I.facts {changes}"))
