"""Wrong codes at checking in, counted by link."""

from alembic import op

from shared.database.scope import policy

revision = "0013"
down_revision = "0012"

UP = [
    "CREATE TABLE wrong_codes (id uuid PRIMARY KEY, link_id uuid NOT NULL, tried_at timestamptz NOT NULL)",
    "CREATE INDEX ix_wrong_codes_link_id ON wrong_codes (link_id)",
    "GRANT SELECT, INSERT ON wrong_codes TO attendance_app",
    *policy("wrong_codes", "false"),
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE wrong_codes")
