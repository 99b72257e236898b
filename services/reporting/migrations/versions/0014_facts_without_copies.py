"""Facts keep no copies of what key and data say: since figures are SQL over the current state nothing reads them."""

from services.reporting.migrations.everywhere import in_every_version

revision = "0014"
down_revision = "0013"

COPIES = ("session_id", "participant_id", "municipality")


def upgrade() -> None:
    _alter(", ".join(f"DROP COLUMN {name}" for name in COPIES))


def downgrade() -> None:
    _alter(", ".join(f"ADD COLUMN {name} text" for name in COPIES))


def _alter(changes: str) -> None:
    in_every_version(f"ALTER TABLE %I.facts {changes}")
