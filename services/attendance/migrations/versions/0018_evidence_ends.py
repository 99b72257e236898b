"""Evidence goes when its time is over, and wrong codes when they count no longer."""

from alembic import op

from services.attendance.migrations import forgetting
from shared.database import mechanisms

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    mechanisms.create_forget(op, "attendance", forgetting.SINCE_0018)


def downgrade() -> None:
    mechanisms.create_forget(op, "attendance", forgetting.SINCE_0010)
