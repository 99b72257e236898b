"""The tables of the mechanisms in `shared/`, which every service's first migration creates in its own database.

Version 1 never changes: a later version is a further list, called by a later migration.
"""

from collections.abc import Mapping
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


VERSION_2 = [
    # What was sent is deleted, not marked: cheaper, and no encrypted name lies here after its person was erased.
    "DROP INDEX outbox_unpublished",
    "DROP INDEX outbox_refused",
    "DELETE FROM outbox WHERE published_at IS NOT NULL",
    "ALTER TABLE outbox DROP COLUMN published_at",
    "CREATE INDEX outbox_refused ON outbox (topic, key) WHERE error IS NOT NULL",
    # A queue: most of its rows are dead at any time, and the default would wait for a fifth of a table that is empty.
    "ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
    # The fence of the lease stands in the database: whoever has lost it deletes nothing, whatever it believes.
    """
    CREATE FUNCTION delete_sent(sent bigint[], service text, instance text, leased bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        deleted bigint;
    BEGIN
        DELETE FROM outbox WHERE id = ANY (sent) AND EXISTS (
            SELECT FROM relay_lease WHERE name = service AND holder = instance AND epoch = leased);
        GET DIAGNOSTICS deleted = ROW_COUNT;
        RETURN deleted;
    END $$
    """,
    # When an event was applied: an inbox row is kept for as long as its event may be sent again.
    "ALTER TABLE inbox ADD COLUMN applied_at timestamptz NOT NULL DEFAULT now()",
    "CREATE INDEX inbox_age ON inbox (applied_at)",
    """
    CREATE INDEX dead_letters_closed ON dead_letters (state, decided_at)
        WHERE state IN ('replayed', 'discarded') AND headers <> '[]'
    """,
    # An answer is its caller's alone. The setting holds a digest of who calls, and so does the column.
    "UPDATE idempotency_keys SET caller = encode(sha256(convert_to(caller, 'UTF8')), 'hex')",
    "ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY",
    "CREATE POLICY idempotency_keys_own ON idempotency_keys USING (caller = current_setting('kursnav.caller', true))",
    "CREATE POLICY idempotency_keys_retention ON idempotency_keys TO CURRENT_USER USING (true)",
]
GRANTS_2 = {
    "outbox": "SELECT, INSERT, UPDATE (error)",
    "event_counters": "SELECT, INSERT, UPDATE (last)",
    "relay_lease": "SELECT, INSERT, UPDATE (holder, epoch, expires_at)",
    "inbox": "SELECT, INSERT",
    "consumer_positions": "SELECT, INSERT, UPDATE (next_offset)",
    "dead_letters": "SELECT, INSERT, UPDATE (state, decided_at, decided_by, decision_reason)",
    "idempotency_keys": "SELECT, INSERT, UPDATE (body_hash, status, headers, body, created_at)",
    "alembic_version": "SELECT",
}
FORGET_2 = {
    "inbox": (
        "7 days",
        """
        DELETE FROM inbox WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM inbox WHERE applied_at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
        """,
    ),
    "idempotency_keys": (
        "7 days",
        """
        DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM idempotency_keys WHERE created_at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
        """,
    ),
    "replayed_letters": (
        "7 days",
        """
        DELETE FROM dead_letters WHERE id = ANY (ARRAY(
            SELECT id FROM dead_letters WHERE state = 'replayed' AND headers <> '[]' AND decided_at < latest
             LIMIT at_most FOR UPDATE SKIP LOCKED))
        """,
    ),
    # A discarded event stays discarded, also for a rebuild: its identity and the decision stay, its content goes.
    "discarded_letters": (
        "7 days",
        """
        UPDATE dead_letters SET key = NULL, value = NULL, headers = '[]', detail = '' WHERE id = ANY (ARRAY(
            SELECT id FROM dead_letters WHERE state = 'discarded' AND headers <> '[]' AND decided_at < latest
             LIMIT at_most FOR UPDATE SKIP LOCKED))
        """,
    ),
}
"""What may be forgotten: from which age on, whatever is asked, and by which statement over `latest` and `at_most`."""
FORGET_AUDIT = (
    "30 days",
    """
    DELETE FROM audit WHERE id = ANY (ARRAY(
        SELECT id FROM audit WHERE at < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
    """,
)


def create_2(op: Executes, service: str, grants: Mapping[str, str]) -> None:
    """Version 2, and least privilege: the runtime role may do what `grants` says for the service's own tables, what
    `GRANTS_2` says for the mechanisms', and nothing more. A table that a later migration makes gets its own GRANT.
    """
    for statement in VERSION_2:
        op.execute(statement)
    role = f"{service}_app"
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}")
    op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
    op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
    for table, privileges in {**GRANTS_2, **grants}.items():
        op.execute(f"GRANT {privileges} ON {table} TO {role}")
    create_forget(op, service, FORGET_2)
    op.execute("REVOKE EXECUTE ON FUNCTION delete_sent FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION delete_sent TO {role}")
    close_to_others(op, role)


def create_forget(op: Executes, service: str, steps: Mapping[str, tuple[str, str]]) -> None:
    """The only way in which a row that the runtime role may not delete goes: `forget(what, before, at_most)`, which
    belongs to the owner and knows what may be forgotten and from which age on. A later migration replaces it by
    one that knows more.
    """
    branches = "".join(
        f"""
            WHEN '{what}' THEN
                latest := least(before, now() - interval '{age}');
                {statement};
                GET DIAGNOSTICS forgotten = ROW_COUNT;"""
        for what, (age, statement) in steps.items()
    )
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION forget(what text, before timestamptz, at_most integer) RETURNS bigint
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            latest timestamptz;
            forgotten bigint;
        BEGIN
            CASE what {branches}
            END CASE;
            RETURN forgotten;
        END $$
        """
    )
    op.execute("REVOKE EXECUTE ON FUNCTION forget FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION forget TO {service}_app")


def close_to_others(op: Executes, role: str) -> None:
    """Lets the database's owner and the service's own role connect, nobody else."""
    op.execute(
        f"""
        DO $$
        BEGIN
            EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO {role}', current_database());
        END $$
        """
    )


def drop_2(op: Executes, service: str) -> None:
    """Back to version 1."""
    role = f"{service}_app"
    for statement in (
        "DROP FUNCTION forget",
        "DROP FUNCTION delete_sent",
        "DROP POLICY idempotency_keys_retention ON idempotency_keys",
        "DROP POLICY idempotency_keys_own ON idempotency_keys",
        "ALTER TABLE idempotency_keys DISABLE ROW LEVEL SECURITY",
        "DROP INDEX dead_letters_closed",
        "ALTER TABLE inbox DROP COLUMN applied_at",
        "DROP INDEX outbox_refused",
        "ALTER TABLE outbox ADD COLUMN published_at timestamptz",
        "CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL",
        "CREATE INDEX outbox_refused ON outbox (topic, key) WHERE published_at IS NULL AND error IS NOT NULL",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    ):
        op.execute(statement)


VERSION_3 = [
    # `answer` is the hash of the request's body, status and headers, then the answer: encrypted with the key `kid`. The
    # answers of before stay readable for the days that they are kept. It rewrites the table: nothing deleted is left.
    """
    ALTER TABLE idempotency_keys ALTER COLUMN body TYPE bytea
        USING convert_to(json_build_array(body_hash, status, headers)::text, 'UTF8') || '\\x0a'::bytea || body
    """,
    "ALTER TABLE idempotency_keys RENAME COLUMN body TO answer",
    "ALTER TABLE idempotency_keys DROP COLUMN body_hash, DROP COLUMN status, DROP COLUMN headers",
    "ALTER TABLE idempotency_keys ADD COLUMN kid text",
    # Personal links end in a secret.
    "UPDATE idempotency_keys SET path = encode(sha256(convert_to(path, 'UTF8')), 'hex')",
]


def create_3(op: Executes, service: str) -> None:
    """Version 3: what answers are kept for `Idempotency-Key` is encrypted."""
    for statement in VERSION_3:
        op.execute(statement)
    op.execute(f"GRANT UPDATE (kid, answer) ON idempotency_keys TO {service}_app")


def drop_3(op: Executes) -> None:
    """Back to version 2, without the answers."""
    op.execute("DELETE FROM idempotency_keys")
    op.execute("ALTER TABLE idempotency_keys DROP COLUMN kid")
    op.execute("ALTER TABLE idempotency_keys RENAME COLUMN answer TO body")
    for column, kind in (("body_hash", "text"), ("status", "integer"), ("headers", "jsonb")):
        op.execute(f"ALTER TABLE idempotency_keys ADD COLUMN {column} {kind} NOT NULL")


def create_4(op: Executes) -> None:
    """Version 4: the setting may name several callers, whose requests share a transaction."""
    op.execute(_own_answers("caller = ANY (string_to_array(current_setting('kursnav.caller', true), ' '))"))


def drop_4(op: Executes) -> None:
    """Back to version 3."""
    op.execute(_own_answers("caller = current_setting('kursnav.caller', true)"))


def _own_answers(visible: str) -> str:
    return f"ALTER POLICY idempotency_keys_own ON idempotency_keys USING ({visible})"


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
