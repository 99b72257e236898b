"""When a municipality can send nobody."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0015"
down_revision = "0014"

UP = [
    """
    CREATE TABLE blackouts (
        id uuid PRIMARY KEY,
        municipality text NOT NULL REFERENCES municipalities (code),
        from_day date NOT NULL,
        to_day date NOT NULL,
        reason text NOT NULL,
        revision integer NOT NULL,
        CONSTRAINT blackouts_days_check CHECK (from_day <= to_day)
    )
    """,
    "CREATE INDEX ix_blackouts_municipality ON blackouts (municipality, to_day)",
    *policy("blackouts", own_municipality()),
    "GRANT SELECT, INSERT, UPDATE (revision), DELETE ON blackouts TO booking_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE blackouts")
