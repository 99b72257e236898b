"""Walk-ins: who came without a registration."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0012"
down_revision = "0011"

UP = [
    """
    CREATE TABLE walk_ins (
        id uuid PRIMARY KEY,
        walk_in_id uuid NOT NULL UNIQUE,
        session_id uuid NOT NULL REFERENCES sessions (id),
        municipality text REFERENCES municipalities (code),
        name text,
        state text NOT NULL CHECK (state IN ('confirmed', 'to-identify')),
        registration_id uuid REFERENCES registrations (id),
        came_at timestamptz NOT NULL,
        revision integer NOT NULL,
        CONSTRAINT walk_ins_registration_check CHECK ((state = 'confirmed') = (registration_id IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_walk_ins_session_id ON walk_ins (session_id)",
    "CREATE INDEX ix_walk_ins_municipality ON walk_ins (municipality)",
    "GRANT SELECT, INSERT, UPDATE (municipality, name, state, registration_id, revision) ON walk_ins TO booking_app",
    *policy("walk_ins", own_municipality()),
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE walk_ins")
