"""Requests of several callers share a transaction, and so may their kept answers."""

from alembic import op

from shared.database import mechanisms

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    mechanisms.create_4(op)


def downgrade() -> None:
    mechanisms.drop_4(op)
