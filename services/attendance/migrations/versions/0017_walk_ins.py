"""Who came without a registration, under the id that the device gave."""

from alembic import op

from shared.database.scope import policy

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE walk_ins (
            walk_in_id uuid PRIMARY KEY,
            session_id uuid NOT NULL,
            municipality text,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_walk_ins_session_id ON walk_ins (session_id)")
    op.execute("GRANT SELECT, INSERT ON walk_ins TO attendance_app")
    for statement in policy("walk_ins", "session_id IN (SELECT session_id FROM rolls)"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE walk_ins")
