"""A schedule can be changed."""

from alembic import op

revision = "0018"
down_revision = "0017"

CHANGEABLE = 'UPDATE (days_after, "to", language)'


def upgrade() -> None:
    op.execute(f"GRANT {CHANGEABLE} ON schedules TO reporting_app")


def downgrade() -> None:
    op.execute(f"REVOKE {CHANGEABLE} ON schedules FROM reporting_app")
