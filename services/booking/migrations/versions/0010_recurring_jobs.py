"""Jobs that come again."""

from alembic import op

from shared.jobs import schema

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    schema.create_recurring(op, "booking")


def downgrade() -> None:
    schema.drop_recurring(op)
