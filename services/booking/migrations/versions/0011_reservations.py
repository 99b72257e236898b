"""Reservations: seats held before the names are known."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0011"
down_revision = "0010"

UP = [
    """
    CREATE TABLE reservations (
        id uuid PRIMARY KEY,
        session_id uuid NOT NULL REFERENCES sessions (id),
        municipality text NOT NULL REFERENCES municipalities (code),
        seats integer NOT NULL CHECK (seats > 0),
        named integer NOT NULL,
        name_by timestamptz NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'lapsed', 'filled', 'deleted')),
        reserved_at timestamptz NOT NULL,
        entered_at timestamptz NOT NULL,
        ended_at timestamptz,
        reminded_at timestamptz,
        revision integer NOT NULL,
        CONSTRAINT reservations_named_check CHECK (named BETWEEN 0 AND seats)
    )
    """,
    "CREATE INDEX ix_reservations_session_id ON reservations (session_id)",
    "CREATE INDEX ix_reservations_municipality ON reservations (municipality)",
    "GRANT SELECT, INSERT, UPDATE (named, state, ended_at, reminded_at, revision) ON reservations TO booking_app",
    *policy("reservations", own_municipality()),
    "ALTER TABLE registrations ADD COLUMN reservation_id uuid REFERENCES reservations (id)",
    "CREATE INDEX ix_registrations_reservation_id ON registrations (reservation_id)",
    # When an open reservation of the session lapses next: an act without any need not ask.
    "ALTER TABLE sessions ADD COLUMN lapse_due_at timestamptz",
]
DOWN = [
    "ALTER TABLE sessions DROP COLUMN lapse_due_at",
    "ALTER TABLE registrations DROP COLUMN reservation_id",
    "DROP TABLE reservations",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
