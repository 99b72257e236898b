"""The queue of jobs, as the other services have it: what attendance does by itself is retention."""

from alembic import op

from services.attendance.migrations import forgetting
from shared.database import mechanisms
from shared.jobs import schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    schema.create(op, "attendance")
    schema.create_recurring(op, "attendance")
    mechanisms.create_forget(op, "attendance", forgetting.SINCE_0006)


def downgrade() -> None:
    mechanisms.create_forget(op, "attendance", mechanisms.FORGET_2)
    op.execute("DROP TABLE jobs")
