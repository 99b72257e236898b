"""When trainers are away. Why may be illness: only who sees the whole project reads it."""

from alembic import op

from shared.database.scope import policy

revision = "0017"
down_revision = "0016"

UP = [
    """
    CREATE TABLE trainer_absences (
        id uuid PRIMARY KEY,
        trainer_id uuid NOT NULL REFERENCES trainers (id),
        from_day date NOT NULL,
        to_day date NOT NULL,
        reason text NOT NULL,
        affected jsonb NOT NULL,
        CONSTRAINT trainer_absences_days_check CHECK (from_day <= to_day)
    )
    """,
    "CREATE INDEX ix_trainer_absences_trainer ON trainer_absences (trainer_id, to_day)",
    *policy("trainer_absences", "false"),
    "GRANT SELECT, INSERT ON trainer_absences TO booking_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE trainer_absences")
