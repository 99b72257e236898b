"""The audit of one actor is found by an index: it is the table that grows with every write."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_audit_actor ON audit (actor, id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_audit_actor")
