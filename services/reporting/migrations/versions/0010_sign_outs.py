"""Sessions of browsers that were ended before their time."""

from alembic import op

from shared.web.sign_in import signouts

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    signouts.create(op, "reporting")


def downgrade() -> None:
    op.execute("DROP TABLE signouts")
