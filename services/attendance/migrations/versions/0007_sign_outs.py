"""Sessions of browsers that were ended before their time."""

from alembic import op

from shared.web.sign_in import signouts

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    signouts.create(op, "attendance")


def downgrade() -> None:
    op.execute("DROP TABLE signouts")
