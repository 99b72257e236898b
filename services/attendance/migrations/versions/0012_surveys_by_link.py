"""Surveys by link: rounds with the answers that wait, links that answer once, and who was thought of already."""

from alembic import op

from shared.database.scope import policy

revision = "0012"
down_revision = "0011"

TABLES = [
    """
    CREATE TABLE survey_rounds (
        session_id uuid NOT NULL,
        survey text NOT NULL,
        version integer NOT NULL,
        roll_version integer NOT NULL,
        invited integer NOT NULL,
        answered integer NOT NULL CHECK (answered <= invited),
        closes_at timestamptz NOT NULL,
        waiting bytea,
        PRIMARY KEY (session_id, survey)
    )
    """,
    # It knows of nobody, and has no time: who answered cannot be told from it.
    """
    CREATE TABLE survey_links (
        digest bytea PRIMARY KEY,
        session_id uuid NOT NULL,
        survey text NOT NULL,
        answered boolean NOT NULL
    )
    """,
    """
    CREATE TABLE survey_invitees (
        registration_id uuid NOT NULL,
        survey text NOT NULL,
        session_id uuid NOT NULL,
        PRIMARY KEY (registration_id, survey)
    )
    """,
    (
        "GRANT SELECT, INSERT, UPDATE (roll_version, invited, answered, closes_at, waiting) "
        "ON survey_rounds TO attendance_app"
    ),
    "GRANT SELECT, INSERT, DELETE, UPDATE (answered) ON survey_links TO attendance_app",
    "GRANT SELECT, INSERT, DELETE ON survey_invitees TO attendance_app",
    *policy("survey_rounds", "false"),
    *policy("survey_links", "false"),
    *policy("survey_invitees", "false"),
]


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE survey_invitees, survey_links, survey_rounds")
