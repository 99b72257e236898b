"""Jobs that come again."""

from alembic import op

from shared.jobs import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    schema.create_recurring(op, "reporting")


def downgrade() -> None:
    schema.drop_recurring(op)
