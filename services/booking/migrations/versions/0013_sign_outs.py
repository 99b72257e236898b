"""Sessions of browsers that were ended before their time."""

from alembic import op

from shared.web.sign_in import signouts

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    signouts.create(op, "booking")


def downgrade() -> None:
    op.execute("DROP TABLE signouts")
