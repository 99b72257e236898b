"""Booking knows the files of frozen reports by their digests: it adds names to these bytes and no others."""

from alembic import op

from shared.database.scope import policy

revision = "0025"
down_revision = "0024"

CREATE = """
    CREATE TABLE frozen_files (
        sha256 text PRIMARY KEY,
        report_id uuid NOT NULL,
        kind text NOT NULL,
        period text NOT NULL,
        version integer NOT NULL
    )
    """


def upgrade() -> None:
    op.execute(CREATE)
    for statement in policy("frozen_files", "false"):
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT ON frozen_files TO booking_app")


def downgrade() -> None:
    op.execute("DROP TABLE frozen_files")
