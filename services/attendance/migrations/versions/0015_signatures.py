"""Signatures: months that participants certified, and the codes by which they did."""

from alembic import op

from shared.database.scope import policy

revision = "0015"
down_revision = "0014"

UP = [
    """
    CREATE TABLE signatures (
        id uuid PRIMARY KEY,
        participant_id uuid NOT NULL,
        month text NOT NULL,
        document_hash text NOT NULL,
        method text NOT NULL CHECK (method IN ('code', 'paper')),
        document_ref text CHECK ((method = 'paper') = (document_ref IS NOT NULL)),
        signed_at timestamptz NOT NULL,
        signed_by text NOT NULL,
        ended_at timestamptz,
        void_cause text CHECK (void_cause IS NULL OR ended_at IS NOT NULL)
    )
    """,
    "CREATE UNIQUE INDEX ix_signatures_standing ON signatures (participant_id, month) WHERE ended_at IS NULL",
    "CREATE INDEX ix_signatures_participant_id ON signatures (participant_id)",
    "CREATE INDEX ix_signatures_month ON signatures (month)",
    *policy("signatures", "false"),
    """
    CREATE TABLE signed_items (
        signature_id uuid NOT NULL REFERENCES signatures ON DELETE CASCADE,
        occasion_id uuid NOT NULL,
        session_id uuid NOT NULL,
        minutes integer NOT NULL,
        PRIMARY KEY (signature_id, occasion_id)
    )
    """,
    "CREATE INDEX ix_signed_items_session_id ON signed_items (session_id)",
    *policy("signed_items", "false"),
    # A code waits encrypted for the few minutes in which it is good; the row itself counts what was sent and tried.
    """
    CREATE TABLE signing_codes (
        id uuid PRIMARY KEY,
        link_id uuid NOT NULL REFERENCES links ON DELETE CASCADE,
        sealed bytea NOT NULL,
        sent_at timestamptz NOT NULL,
        wrong integer NOT NULL DEFAULT 0,
        used_at timestamptz
    )
    """,
    "CREATE INDEX ix_signing_codes_link_id ON signing_codes (link_id, sent_at)",
    *policy("signing_codes", "false"),
    """
    CREATE VIEW attested_lines WITH (security_invoker = true) AS
    SELECT roll.session_id, roll.course_title, seal.attested_at, occasion.occasion_id, occasion.starts_at,
           occasion.ends_at, CAST(occasion.starts_at AT TIME ZONE 'Europe/Stockholm' AS date) AS day,
           to_char(occasion.starts_at AT TIME ZONE 'Europe/Stockholm', 'YYYY-MM') AS month,
           coalesce(merged.became, line.participant_id) AS participant_id, line.minutes
      FROM rolls AS roll
      CROSS JOIN LATERAL (SELECT content, attested_at FROM seals
                           WHERE seals.session_id = roll.session_id ORDER BY roll_version DESC LIMIT 1) AS seal
      CROSS JOIN LATERAL jsonb_to_recordset(seal.content -> 'lines')
                 AS line (participant_id uuid, occasion_id uuid, minutes integer)
      JOIN occasions AS occasion ON occasion.occasion_id = line.occasion_id
      LEFT JOIN merged_participants AS merged ON merged.ended = line.participant_id
     WHERE roll.state = 'attested' AND line.minutes > 0
    """,
    "GRANT SELECT, INSERT, UPDATE (ended_at, void_cause) ON signatures TO attendance_app",
    "GRANT SELECT, INSERT ON signed_items TO attendance_app",
    "GRANT SELECT, INSERT, UPDATE (wrong, used_at) ON signing_codes TO attendance_app",
    "GRANT SELECT ON attested_lines TO attendance_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW attested_lines")
    op.execute("DROP TABLE signing_codes, signed_items, signatures")
