"""Kept answers are encrypted."""

from alembic import op

from shared.database import mechanisms

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    mechanisms.create_3(op, "attendance")


def downgrade() -> None:
    mechanisms.drop_3(op)
