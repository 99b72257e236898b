"""Attended minutes of each occasion: the plan credits them to the employer of that day, as the figures do."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("ALTER TABLE attended ADD COLUMN by_occasion jsonb NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    op.execute("ALTER TABLE attended DROP COLUMN by_occasion")
