"""A report's cut-off is that of the snapshot that it is made of, taken when it is built."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("GRANT UPDATE (cut_off) ON reports TO reporting_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (cut_off) ON reports FROM reporting_app")
