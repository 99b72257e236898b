"""The facts in a schema of their own, beside the mechanisms' tables."""

from alembic import op

from shared.database import mechanisms
from shared.database.scope import policy

revision = "0001"
down_revision = None

FACTS = """
    CREATE TABLE facts_v1.facts (
        event_id uuid PRIMARY KEY,
        type text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key text NOT NULL,
        natural_key text NOT NULL,
        sequence bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        session_id text,
        participant_id text,
        municipality text,
        data jsonb
    )
"""


def upgrade() -> None:
    mechanisms.create(op, "reporting")
    op.execute("CREATE SCHEMA facts_v1")
    op.execute(FACTS)
    op.execute("CREATE INDEX ix_facts_natural_key ON facts_v1.facts (natural_key, sequence)")
    op.execute('CREATE INDEX ix_facts_place ON facts_v1.facts (topic, partition, "offset")')
    # A sealed roll holds rows of every municipality: figures read them as the system and show sums only.
    for statement in policy("facts_v1.facts", "false"):
        op.execute(statement.replace("POLICY facts_v1.facts_scope", "POLICY facts_scope"))
    # Facts are immutable: no UPDATE, no DELETE.
    op.execute("GRANT USAGE ON SCHEMA facts_v1 TO reporting_app")
    op.execute("GRANT SELECT, INSERT ON facts_v1.facts TO reporting_app")


def downgrade() -> None:
    op.execute("DROP SCHEMA facts_v1 CASCADE")
    mechanisms.drop(op)
