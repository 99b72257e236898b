"""The table of mails; a migration creates it in each service that sends mail."""

from shared.database.mechanisms import Executes
from shared.database.scope import own_municipality, policy

TABLE = [
    # `key` names what the mail is about: of one thing one mail goes, whoever asks again. `id` follows from it, and the
    # Message-ID from `id`. What was written waits encrypted in the job, and is gone when the mail has left.
    """
    CREATE TABLE mails (
        id uuid PRIMARY KEY,
        key text NOT NULL UNIQUE,
        kind text NOT NULL,
        recipient text,
        recipient_role text NOT NULL,
        subject text NOT NULL,
        language text NOT NULL,
        session_id uuid,
        person_id uuid,
        municipality text,
        state text NOT NULL CHECK (state IN ('queued', 'sent', 'refused', 'expired')),
        attempts integer NOT NULL,
        reason text,
        useful_until timestamptz NOT NULL,
        queued_at timestamptz NOT NULL,
        ended_at timestamptz,
        CHECK ((state = 'queued') = (ended_at IS NULL))
    )
    """,
    "CREATE INDEX mails_session ON mails (session_id)",
    "CREATE INDEX mails_person ON mails (person_id)",
    "CREATE INDEX mails_useful ON mails (useful_until)",
    *policy("mails", own_municipality()),
    "CREATE POLICY mails_retention ON mails TO CURRENT_USER USING (true)",
]
FORGET = (
    "1 day",
    """
    DELETE FROM mails WHERE id = ANY (ARRAY(
        SELECT id FROM mails WHERE greatest(useful_until, queued_at) < latest LIMIT at_most FOR UPDATE SKIP LOCKED))
    """,
)
"""For `mechanisms.create_forget`, as `mails`: not before it would be useless, lest a reminder go twice."""


def create(op: Executes, service: str) -> None:
    """Creates the table, and says what the service's runtime role may do with it."""
    for statement in TABLE:
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, UPDATE (state, attempts, reason, ended_at) ON mails TO {service}_app")
