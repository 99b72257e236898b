"""The current state beside the facts: what the latest of each thing says, in columns and with the figures' indexes.

Version by version, and filled from the facts that are there.
"""

from alembic import op
from sqlalchemy import Connection, text

from shared.database.scope import policy

revision = "0009"
down_revision = "0008"

LATEST = (
    "cancellations",
    "catalogue",
    "head_counts",
    "marks",
    "merges",
    "newest",
    "occasions",
    "persons",
    "rolls",
    "sessions",
    "signatures",
)
"""One row for each thing: the runtime role changes it."""

OF_EVERY_EVENT = (
    "answers",
    "employments",
    "invitations",
    "registration_steps",
    "roll_lines",
    "signed_lines",
)
"""Rows that are added only."""

STATEMENTS = [
    """
    CREATE TABLE {at}.answers (
        event_id uuid NOT NULL,
        session_id uuid NOT NULL,
        audience text NOT NULL,
        answers jsonb NOT NULL,
        PRIMARY KEY (event_id)
    )
    """,
    """
    CREATE TABLE {at}.cancellations (
        session_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        cause text NOT NULL,
        PRIMARY KEY (session_id)
    )
    """,
    """
    CREATE TABLE {at}.catalogue (
        natural_key text NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        data jsonb,
        PRIMARY KEY (natural_key)
    )
    """,
    """
    CREATE TABLE {at}.employments (
        event_id uuid NOT NULL,
        number integer NOT NULL,
        employment_id uuid NOT NULL,
        municipality text NOT NULL,
        title text NOT NULL,
        category text NOT NULL,
        kind text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        PRIMARY KEY (event_id, number)
    )
    """,
    """
    CREATE TABLE {at}.head_counts (
        session_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        count integer NOT NULL,
        PRIMARY KEY (session_id, occasion_id)
    )
    """,
    """
    CREATE TABLE {at}.invitations (
        event_id uuid NOT NULL,
        session_id uuid NOT NULL,
        audience text NOT NULL,
        invited integer NOT NULL,
        PRIMARY KEY (event_id)
    )
    """,
    """
    CREATE TABLE {at}.marks (
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        minutes integer NOT NULL,
        PRIMARY KEY (session_id, participant_id, occasion_id)
    )
    """,
    """
    CREATE TABLE {at}.merges (
        participant_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        became uuid,
        PRIMARY KEY (participant_id)
    )
    """,
    """
    CREATE TABLE {at}.newest (
        topic text NOT NULL,
        partition integer NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (topic, partition)
    )
    """,
    """
    CREATE TABLE {at}.occasions (
        session_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        break_minutes integer NOT NULL,
        day date NOT NULL,
        PRIMARY KEY (session_id, occasion_id)
    )
    """,
    """
    CREATE TABLE {at}.persons (
        participant_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        gender text NOT NULL,
        birth_year integer,
        age_group text,
        PRIMARY KEY (participant_id)
    )
    """,
    """
    CREATE TABLE {at}.registration_steps (
        session_id uuid NOT NULL,
        registration_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        municipality text NOT NULL,
        employment_id uuid NOT NULL,
        at timestamptz NOT NULL,
        status text NOT NULL,
        via text,
        was text,
        late boolean NOT NULL,
        PRIMARY KEY (session_id, registration_id, sequence, event_id)
    )
    """,
    """
    CREATE TABLE {at}.roll_lines (
        event_id uuid NOT NULL,
        number integer NOT NULL,
        session_id uuid NOT NULL,
        participant_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        minutes integer NOT NULL,
        excused boolean NOT NULL,
        PRIMARY KEY (event_id, number)
    )
    """,
    """
    CREATE TABLE {at}.rolls (
        session_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        attested boolean NOT NULL,
        roll_version integer,
        sealed_hash text,
        PRIMARY KEY (session_id)
    )
    """,
    """
    CREATE TABLE {at}.sessions (
        session_id uuid NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        course text NOT NULL,
        host_municipality text NOT NULL,
        capacity integer NOT NULL,
        cancelled boolean NOT NULL,
        PRIMARY KEY (session_id)
    )
    """,
    """
    CREATE TABLE {at}.signatures (
        participant_id uuid NOT NULL,
        month text NOT NULL,
        sequence bigint NOT NULL,
        event_id uuid NOT NULL,
        signed boolean NOT NULL,
        PRIMARY KEY (participant_id, month)
    )
    """,
    """
    CREATE TABLE {at}.signed_lines (
        event_id uuid NOT NULL,
        number integer NOT NULL,
        participant_id uuid NOT NULL,
        month text NOT NULL,
        session_id uuid NOT NULL,
        occasion_id uuid NOT NULL,
        minutes integer NOT NULL,
        PRIMARY KEY (event_id, number)
    )
    """,
    "CREATE INDEX ix_answers_session ON {at}.answers (session_id)",
    "CREATE INDEX ix_invitations_session ON {at}.invitations (session_id)",
    "CREATE INDEX ix_occasions_day ON {at}.occasions (day)",
    "CREATE INDEX ix_roll_lines_participant ON {at}.roll_lines (participant_id) WHERE minutes > 0",
    "CREATE INDEX ix_signed_lines_session ON {at}.signed_lines (session_id)",
]
# `known_at` asks tables made anew for one transaction.
TEMPORARY = """
    DO $$
    BEGIN
        EXECUTE format('{change}', current_database());
    END $$
"""
VERSIONS = text("SELECT nspname FROM pg_namespace WHERE nspname ~ '^facts_v[0-9]+$' ORDER BY nspname")


def upgrade() -> None:
    connection = op.get_bind()
    for schema in connection.scalars(VERSIONS).all():
        for statement in STATEMENTS:
            op.execute(statement.replace("{at}", schema))
        _fill(connection, schema)
        for table in (*LATEST, *OF_EVERY_EVENT):
            for statement in policy(f"{schema}.{table}", "false"):
                op.execute(statement.replace(f"POLICY {schema}.{table}_scope", f"POLICY {table}_scope"))
            update = ", UPDATE" if table in LATEST else ""
            op.execute(f"GRANT SELECT, INSERT{update} ON {schema}.{table} TO reporting_app")
    op.execute(TEMPORARY.replace("{change}", "GRANT TEMPORARY ON DATABASE %I TO reporting_app"))


def _fill(connection: Connection, schema: str) -> None:
    """Takes the facts that are there. Where there are none, nothing of today's code is asked what tables it knows."""
    op.execute(f"ALTER TABLE {schema}.facts NO FORCE ROW LEVEL SECURITY")  # all rows for the owner, for this step
    if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {schema}.facts)")):  # noqa: S608
        from services.reporting.facts.record import projected

        for statement in projected(schema, f"{schema}.facts"):
            connection.execute(text(statement))
    op.execute(f"ALTER TABLE {schema}.facts FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute(TEMPORARY.replace("{change}", "REVOKE TEMPORARY ON DATABASE %I FROM reporting_app"))
    for schema in op.get_bind().scalars(VERSIONS).all():
        for table in (*LATEST, *OF_EVERY_EVENT):
            op.execute(f"DROP TABLE {schema}.{table}")
