"""Webhooks: a municipality's own systems are told what happens to its rows."""

from alembic import op

from services.booking.migrations import forgetting
from shared.database import mechanisms
from shared.database.scope import own_municipality, policy

revision = "0018"
down_revision = "0017"

UP = [
    """
    CREATE TABLE webhooks (
        id uuid PRIMARY KEY,
        municipality text NOT NULL REFERENCES municipalities (code),
        url text NOT NULL,
        events text[] NOT NULL,
        sealed bytea NOT NULL,
        sealed_before bytea,
        rotated_at timestamptz,
        state text NOT NULL CONSTRAINT webhooks_state_check CHECK (state IN ('active', 'disabled')),
        created_at timestamptz NOT NULL,
        disabled_at timestamptz,
        revision integer NOT NULL
    )
    """,
    "CREATE INDEX ix_webhooks_municipality ON webhooks (municipality)",
    """
    CREATE TABLE webhook_deliveries (
        id uuid PRIMARY KEY,
        webhook_id uuid NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
        municipality text NOT NULL,
        event_id uuid NOT NULL,
        type text NOT NULL,
        body text NOT NULL,
        state text NOT NULL
            CONSTRAINT webhook_deliveries_state_check CHECK (state IN ('pending', 'delivered', 'failed')),
        turn integer NOT NULL,
        attempts jsonb NOT NULL,
        next_attempt_at timestamptz,
        created_at timestamptz NOT NULL,
        ended_at timestamptz,
        UNIQUE (webhook_id, event_id)
    )
    """,
    "CREATE INDEX ix_webhook_deliveries_created_at ON webhook_deliveries (created_at)",
    """
    GRANT SELECT, INSERT, UPDATE (sealed, sealed_before, rotated_at, state, disabled_at, revision), DELETE
       ON webhooks TO booking_app
    """,
    """
    GRANT SELECT, INSERT, UPDATE (state, turn, attempts, next_attempt_at, ended_at)
       ON webhook_deliveries TO booking_app
    """,
    *policy("webhooks", own_municipality()),
    *policy("webhook_deliveries", own_municipality()),
    "CREATE POLICY webhook_deliveries_retention ON webhook_deliveries TO CURRENT_USER USING (true)",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0018)


def downgrade() -> None:
    mechanisms.create_forget(op, "booking", forgetting.SINCE_0016)
    op.execute("DROP TABLE webhook_deliveries, webhooks")
