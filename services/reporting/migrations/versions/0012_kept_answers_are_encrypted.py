"""Kept answers are in one piece, as in the other services. Here they are plain: reporting has no key."""

from alembic import op

from shared.database import mechanisms

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    mechanisms.create_3(op, "reporting")


def downgrade() -> None:
    mechanisms.drop_3(op)
