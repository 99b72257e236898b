"""Which seats the municipalities wish for."""

from alembic import op

from shared.database.scope import own_municipality, policy

revision = "0020"
down_revision = "0019"

UP = [
    """
    CREATE TABLE demands (
        municipality text NOT NULL REFERENCES municipalities (code),
        term text NOT NULL,
        wishes jsonb NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (municipality, term)
    )
    """,
    *policy("demands", own_municipality()),
    "GRANT SELECT, INSERT, UPDATE (wishes, revision) ON demands TO booking_app",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE demands")
