"""Certificates that were issued: whoever has one may ask whether it is genuine."""

from alembic import op

from shared.database.scope import policy

revision = "0016"
down_revision = "0015"

UP = [
    """
    CREATE TABLE certificates (
        hash text PRIMARY KEY,
        participant_id uuid NOT NULL,
        session_id uuid NOT NULL,
        statement jsonb NOT NULL,
        issued_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_certificates_participant_id ON certificates (participant_id)",
    *policy("certificates", "false"),
    "GRANT SELECT, INSERT ON certificates TO attendance_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE certificates")
