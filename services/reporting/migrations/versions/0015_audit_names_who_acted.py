"""The audit keeps the name of who acted: a subject of the issuer says nothing to whoever reads the log."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE audit ADD COLUMN actor_name text")


def downgrade() -> None:
    op.execute("ALTER TABLE audit DROP COLUMN actor_name")
