"""Policies ask for the scope once for each statement, not once for each row."""

from alembic import op

from shared.database import policies

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    policies.ask_once(op)


def downgrade() -> None:
    policies.ask_for_each_row(op)
