"""Sessions, registrations, the waiting list, and what attendance tells about them."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0002"
down_revision = "0001"

TABLES = [
    """
    CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        course text NOT NULL REFERENCES courses (code),
        host_municipality text NOT NULL REFERENCES municipalities (code),
        venue text NOT NULL,
        capacity integer NOT NULL CHECK (capacity > 0),
        min_participants integer,
        seat_shares jsonb NOT NULL,
        shares_release_at timestamptz,
        shares_released_at timestamptz,
        registration_opens_at timestamptz,
        cancellation_deadline timestamptz NOT NULL,
        support text[] NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('scheduled', 'cancelled')),
        cancel_cause text,
        cancel_note text,
        cancelled_at timestamptz,
        revision integer NOT NULL
    )
    """,
    "CREATE INDEX ix_sessions_starts_at ON sessions (starts_at, id)",
    "CREATE INDEX ix_sessions_course ON sessions (course)",
    """
    CREATE TABLE occasions (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions (id),
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        break_minutes integer NOT NULL
    )
    """,
    "CREATE INDEX ix_occasions_session_id ON occasions (session_id)",
    """
    CREATE TABLE session_trainers (
        session_id uuid NOT NULL REFERENCES sessions (id),
        trainer_id uuid NOT NULL REFERENCES trainers (id),
        position integer NOT NULL,
        PRIMARY KEY (session_id, trainer_id)
    )
    """,
    "CREATE INDEX ix_session_trainers_trainer_id ON session_trainers (trainer_id)",
    """
    CREATE TABLE registrations (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions (id),
        staff_id uuid NOT NULL REFERENCES staff (id),
        participant_id uuid NOT NULL,
        employment_id uuid NOT NULL,
        municipality text NOT NULL,
        status text NOT NULL CHECK (status IN ('confirmed', 'waitlisted', 'cancelled', 'substituted')),
        via text,
        entry_id uuid,
        entry_order integer NOT NULL,
        registered_at timestamptz NOT NULL,
        confirmed_at timestamptz,
        ended_at timestamptz,
        was text,
        late boolean,
        neutral boolean,
        ended_by text,
        reason text,
        note text,
        support_needs text[] NOT NULL,
        override_reason text,
        revision integer NOT NULL
    )
    """,
    # A person holds one place on a session, whatever two requests see of each other.
    """
    CREATE UNIQUE INDEX ux_registrations_active ON registrations (session_id, participant_id)
        WHERE status IN ('confirmed', 'waitlisted')
    """,
    "CREATE INDEX ix_registrations_session_id ON registrations (session_id)",
    "CREATE INDEX ix_registrations_staff_id ON registrations (staff_id)",
    "CREATE INDEX ix_registrations_participant_id ON registrations (participant_id)",
    "CREATE INDEX ix_registrations_municipality ON registrations (municipality)",
    "CREATE INDEX ix_registrations_entry_id ON registrations (entry_id)",
    """
    CREATE TABLE waiting_entries (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions (id),
        minimum integer NOT NULL,
        whole boolean NOT NULL,
        place integer NOT NULL,
        since timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_waiting_entries_queue ON waiting_entries (session_id, place)",
    """
    CREATE TABLE queue_decisions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions (id),
        entry_id uuid NOT NULL,
        at timestamptz NOT NULL,
        decision text NOT NULL CHECK (decision IN ('promoted', 'skipped', 'moved')),
        why text NOT NULL,
        needed integer NOT NULL,
        available integer NOT NULL,
        note text
    )
    """,
    "CREATE INDEX ix_queue_decisions_session ON queue_decisions (session_id, id)",
    "REVOKE UPDATE, DELETE ON queue_decisions FROM booking_app",
    """
    CREATE TABLE roll_states (
        session_id uuid PRIMARY KEY,
        sequence bigint NOT NULL,
        attested boolean NOT NULL
    )
    """,
    """
    CREATE TABLE attended (
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        minutes integer NOT NULL,
        scheduled_minutes integer NOT NULL,
        no_show boolean NOT NULL,
        PRIMARY KEY (session_id, participant_id)
    )
    """,
    "CREATE INDEX ix_attended_participant_id ON attended (participant_id)",
]

OWN_SESSION = """
    current_setting('kursnav.scope', true) = 'trainer' AND EXISTS (
        SELECT 1 FROM session_trainers own WHERE own.session_id = registrations.session_id
           AND own.trainer_id::text = current_setting('kursnav.trainer', true))
"""

POLICIES = [
    *policy("registrations", f"({own_municipality()}) OR ({OWN_SESSION})"),
    # Whoever may see a registration may see its entry; the inner select is itself under the policy of registrations.
    *policy("waiting_entries", "EXISTS (SELECT 1 FROM registrations r WHERE r.entry_id = waiting_entries.id)"),
    *policy("queue_decisions", "EXISTS (SELECT 1 FROM registrations r WHERE r.entry_id = queue_decisions.entry_id)"),
    *policy("roll_states", "false"),
    *policy("attended", "false"),
]


def upgrade() -> None:
    for statement in TABLES + POLICIES:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "attended",
        "roll_states",
        "queue_decisions",
        "waiting_entries",
        "registrations",
        "session_trainers",
        "occasions",
        "sessions",
    ):
        op.execute(f"DROP TABLE {table} CASCADE")
