"""People, rolls, marks, conflicts, seals, head counts and survey entries, beside the mechanisms' tables."""

from alembic import op

from shared.database import mechanisms
from shared.database.scope import policy

revision = "0001"
down_revision = None

TABLES = [
    """
    CREATE TABLE people (
        participant_id uuid PRIMARY KEY,
        given_name text,
        family_name text,
        email text,
        phone text,
        language text,
        manager_email text,
        protected boolean NOT NULL,
        erased boolean NOT NULL,
        sequence bigint NOT NULL
    )
    """,
    "CREATE TABLE trainer_contacts (trainer_id uuid PRIMARY KEY, name text, email text, sequence bigint NOT NULL)",
    """
    CREATE TABLE support_needs (
        registration_id uuid PRIMARY KEY,
        session_id uuid,
        needs text[] NOT NULL,
        sequence bigint NOT NULL
    )
    """,
    "CREATE INDEX ix_support_needs_session_id ON support_needs (session_id)",
    """
    CREATE TABLE project_settings (
        id integer PRIMARY KEY CONSTRAINT project_settings_is_one CHECK (id = 1),
        settings jsonb NOT NULL,
        sequence bigint NOT NULL
    )
    """,
    """
    CREATE TABLE rolls (
        session_id uuid PRIMARY KEY,
        course text NOT NULL,
        course_title text NOT NULL,
        host_municipality text NOT NULL,
        venue text NOT NULL,
        cancelled boolean NOT NULL,
        trainers text[] NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        sequence bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'attested', 'reopened')),
        roll_version integer NOT NULL,
        content_version integer NOT NULL,
        sealed_hash text
    )
    """,
    "CREATE INDEX ix_rolls_starts_at ON rolls (starts_at)",
    """
    CREATE TABLE occasions (
        occasion_id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        break_minutes integer NOT NULL,
        dropped boolean NOT NULL
    )
    """,
    "CREATE INDEX ix_occasions_session_id ON occasions (session_id)",
    "CREATE INDEX ix_occasions_starts_at ON occasions (starts_at)",
    """
    CREATE TABLE roll_entries (
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        registration_id uuid NOT NULL,
        municipality text NOT NULL,
        registration text NOT NULL,
        walk_in_id uuid,
        sequence bigint NOT NULL,
        PRIMARY KEY (session_id, participant_id)
    )
    """,
    "CREATE INDEX ix_roll_entries_participant_id ON roll_entries (participant_id)",
    """
    CREATE TABLE cells (
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        mark_id uuid,
        status text,
        minutes integer NOT NULL,
        scheduled_minutes integer NOT NULL,
        absence_reason text,
        contested boolean NOT NULL,
        PRIMARY KEY (session_id, participant_id, occasion_id)
    )
    """,
    """
    CREATE TABLE marks (
        mark_id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        participant_id uuid,
        walk_in_id uuid,
        occasion_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('mark', 'decision', 'correction')),
        standing text NOT NULL CHECK (standing IN ('recorded', 'held', 'discarded')),
        device_id text NOT NULL,
        base_version integer NOT NULL,
        version integer NOT NULL,
        status text NOT NULL CHECK (status IN ('present', 'absent')),
        arrived_at timestamptz,
        left_at timestamptz,
        minutes integer,
        absence_reason text,
        source text NOT NULL,
        marked_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        replaces uuid,
        reason text,
        reason_code text
    )
    """,
    "CREATE INDEX ix_marks_session_id ON marks (session_id, participant_id)",
    "CREATE INDEX ix_marks_held ON marks (session_id) WHERE standing = 'held'",
    """
    CREATE TABLE refused_marks (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        mark_id uuid NOT NULL,
        problem text NOT NULL,
        content jsonb NOT NULL,
        content_hash text NOT NULL,
        device_id text NOT NULL,
        refused_for text NOT NULL,
        received_at timestamptz NOT NULL,
        UNIQUE (session_id, mark_id, problem, content_hash)
    )
    """,
    """
    CREATE TABLE conflicts (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('marks', 'overlap')),
        marks uuid[] NOT NULL,
        opened_at timestamptz NOT NULL,
        resolved_at timestamptz,
        resolved_by text,
        resolution uuid,
        reason text,
        revision integer NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX ix_conflicts_open ON conflicts (session_id, participant_id, occasion_id)
    WHERE resolved_at IS NULL
    """,
    """
    CREATE TABLE seals (
        session_id uuid NOT NULL,
        roll_version integer NOT NULL,
        sealed_hash text NOT NULL,
        content jsonb NOT NULL,
        attested_at timestamptz NOT NULL,
        attested_by text NOT NULL,
        attested_as text NOT NULL,
        on_behalf_of text,
        reason text,
        PRIMARY KEY (session_id, roll_version)
    )
    """,
    """
    CREATE TABLE head_counts (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        count integer NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_head_counts_session_id ON head_counts (session_id)",
    """
    CREATE TABLE survey_entries (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL,
        survey text NOT NULL,
        version integer NOT NULL,
        invited integer,
        answered integer NOT NULL,
        entered_on date NOT NULL,
        entered_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_survey_entries_session_id ON survey_entries (session_id)",
    # What was marked, refused or sealed is evidence: this service can add to it, not take away.
    "REVOKE DELETE ON marks FROM attendance_app",
    "REVOKE UPDATE, DELETE ON refused_marks, seals FROM attendance_app",
]

OWN_SESSION = (
    "current_setting('kursnav.scope', true) = 'trainer' AND current_setting('kursnav.trainer', true) = ANY (trainers)"
)
# The inner select is itself under the policy of the table it reads: a trainer finds own rolls there, others find
# none.
OF_OWN_SESSION = "session_id IN (SELECT session_id FROM rolls)"
NOBODY_ELSE = "false"

POLICIES = [
    *policy("rolls", OWN_SESSION),
    *(
        statement
        for table in (
            "occasions",
            "roll_entries",
            "cells",
            "marks",
            "refused_marks",
            "conflicts",
            "seals",
            "head_counts",
            "support_needs",
        )
        for statement in policy(table, OF_OWN_SESSION)
    ),
    *policy("people", "participant_id IN (SELECT participant_id FROM roll_entries)"),
    *policy("trainer_contacts", "trainer_id::text = current_setting('kursnav.trainer', true)"),
    *policy("survey_entries", NOBODY_ELSE),
]


def upgrade() -> None:
    mechanisms.create(op, "attendance")
    for statement in TABLES + POLICIES:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "survey_entries",
        "head_counts",
        "seals",
        "conflicts",
        "refused_marks",
        "marks",
        "cells",
        "roll_entries",
        "occasions",
        "rolls",
        "project_settings",
        "support_needs",
        "trainer_contacts",
        "people",
    ):
        op.execute(f"DROP TABLE {table} CASCADE")
    mechanisms.drop(op)
