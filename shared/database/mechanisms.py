"""The tables of the mechanisms in `shared/`, which every service's first migration creates in its own database.

Version 1 never changes: a later version is a further list, called by a later migration.
"""

from typing import Any, Protocol


class Executes(Protocol):
    """What runs a migration's statements: `alembic.op` in a script, `Operations` in a test."""

    def execute(self, sqltext: str, *, execution_options: dict[str, Any] | None = None) -> None: ...


VERSION_1 = [
    # Events on their way to Kafka. `id` is handed out before commit, so the relay never uses it as a cursor.
    """
    CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL UNIQUE,
        topic text NOT NULL,
        key text NOT NULL,
        sequence bigint NOT NULL,
        headers jsonb NOT NULL,
        value bytea,
        recorded_at timestamptz NOT NULL,
        published_at timestamptz,
        error text
    )
    """,
    "CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL",
    "CREATE INDEX outbox_refused ON outbox (topic, key) WHERE published_at IS NULL AND error IS NOT NULL",
    "CREATE UNIQUE INDEX outbox_sequence ON outbox (topic, key, sequence)",
    # The last ce_sequence of each key. Its row lock makes commits of one key happen in order of sequence.
    """
    CREATE TABLE event_counters (
        topic text NOT NULL,
        key text NOT NULL,
        last bigint NOT NULL,
        PRIMARY KEY (topic, key)
    )
    """,
    # Who may send this service's outbox. The epoch fences a relay that slept through its lease.
    """
    CREATE TABLE relay_lease (
        name text PRIMARY KEY,
        holder text NOT NULL,
        epoch bigint NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE TABLE inbox (consumer text NOT NULL, event_id uuid NOT NULL, PRIMARY KEY (consumer, event_id))",
    # The next offset of each partition, written in the effect's transaction: lag and reports' cut-offs are read from
    # here.
    """
    CREATE TABLE consumer_positions (
        consumer text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (consumer, topic, partition)
    )
    """,
    # What could not be applied: bytes and headers as they came. `identity` is the event's id or topic/partition/offset.
    """
    CREATE TABLE dead_letters (
        id uuid PRIMARY KEY,
        consumer text NOT NULL,
        identity text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key bytea,
        value bytea,
        headers jsonb NOT NULL,
        reason text NOT NULL,
        detail text NOT NULL,
        state text NOT NULL CHECK (state IN ('dead', 'parked', 'replayed', 'discarded')),
        received_at timestamptz NOT NULL,
        decided_at timestamptz,
        decided_by text,
        decision_reason text,
        UNIQUE (consumer, identity)
    )
    """,
    "CREATE INDEX dead_letters_open ON dead_letters (consumer, state) WHERE state IN ('dead', 'parked')",
    # Answers kept for 7 days. Only what succeeded is stored, in the transaction of its effect.
    """
    CREATE TABLE idempotency_keys (
        caller text NOT NULL,
        method text NOT NULL,
        path text NOT NULL,
        key text NOT NULL,
        body_hash text NOT NULL,
        status integer NOT NULL,
        headers jsonb NOT NULL,
        body bytea NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (caller, method, path, key)
    )
    """,
    "CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)",
]


def create(op: Executes, service: str) -> None:
    """Creates version 1 of the mechanisms' tables and the grants of the service's runtime role, which owns nothing."""
    for statement in VERSION_1:
        op.execute(statement)
    role = f"{service}_app"
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}")
    # The service compares the revision with its code's and reports not ready when it is behind; it never writes it.
    op.execute(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}")


def drop(op: Executes) -> None:
    """Drops them again."""
    tables = (
        "idempotency_keys",
        "dead_letters",
        "consumer_positions",
        "inbox",
        "relay_lease",
        "event_counters",
        "outbox",
    )
    for table in tables:
        op.execute(f"DROP TABLE {table}")
