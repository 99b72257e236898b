"""Late cancellations and who did not come are found without reading all others; mails stand in their order."""

from alembic import op

revision = "0027"
down_revision = "0026"

UP = [
    "CREATE INDEX ix_registrations_late ON registrations (session_id) WHERE late",
    "CREATE INDEX ix_attended_absent ON attended (session_id) WHERE no_show OR minutes = 0",
    "CREATE INDEX mails_queued ON mails (queued_at, id)",
]
DOWN = ["DROP INDEX mails_queued", "DROP INDEX ix_attended_absent", "DROP INDEX ix_registrations_late"]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
