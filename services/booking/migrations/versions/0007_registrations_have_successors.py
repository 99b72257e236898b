"""Which registration took another's place: after a substitution, or on the session that the person was moved to."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE registrations ADD COLUMN successor_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE registrations DROP COLUMN successor_id")
