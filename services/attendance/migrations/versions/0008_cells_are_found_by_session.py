"""No statement looks for cells by the person alone: all name the session, with which the primary key begins."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("DROP INDEX ix_cells_participant_id")


def downgrade() -> None:
    op.execute("CREATE INDEX ix_cells_participant_id ON cells (participant_id)")
