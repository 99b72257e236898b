"""Placements with their weekly notes, and who employs whom: a municipality sees its own."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0014"
down_revision = "0013"

TABLES = [
    """
    CREATE TABLE employers (
        participant_id uuid PRIMARY KEY,
        employments jsonb NOT NULL,
        sequence bigint NOT NULL
    )
    """,
    """
    CREATE TABLE placements (
        id uuid PRIMARY KEY,
        participant_id uuid NOT NULL,
        municipality text NOT NULL,
        workplace text NOT NULL,
        from_day date NOT NULL,
        to_day date CHECK (to_day >= from_day),
        outcome text,
        revision integer NOT NULL
    )
    """,
    "CREATE INDEX ix_placements_participant_id ON placements (participant_id)",
    """
    CREATE TABLE weekly_notes (
        id uuid PRIMARY KEY,
        placement_id uuid NOT NULL,
        week text NOT NULL,
        version integer NOT NULL,
        answers jsonb NOT NULL,
        noted_on date NOT NULL,
        noted_by text NOT NULL,
        revision integer NOT NULL,
        UNIQUE (placement_id, week)
    )
    """,
    "GRANT SELECT, INSERT, UPDATE ON employers TO attendance_app",
    (
        "GRANT SELECT, INSERT, DELETE, UPDATE (workplace, from_day, to_day, outcome, revision) "
        "ON placements TO attendance_app"
    ),
    "GRANT SELECT, INSERT, DELETE, UPDATE (answers, noted_by, revision) ON weekly_notes TO attendance_app",
    *policy("employers", "false"),
    *policy("placements", own_municipality()),
    *policy("weekly_notes", "placement_id IN (SELECT id FROM placements)"),
]


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE weekly_notes, placements, employers")
