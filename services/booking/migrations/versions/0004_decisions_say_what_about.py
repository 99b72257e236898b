"""A decision about the queue says which course or day it was about; a missing employment has the name of the API."""

from alembic import op

revision = "0004"
down_revision = "0003"

RENAMED = """
    ALTER TABLE queue_decisions NO FORCE ROW LEVEL SECURITY;
    UPDATE queue_decisions SET why = '{new}' WHERE why = '{old}';
    ALTER TABLE queue_decisions FORCE ROW LEVEL SECURITY
"""


def renamed(old: str, new: str) -> None:
    """Policies hold for the owner too, who would find no row."""
    for statement in RENAMED.format(old=old, new=new).split(";"):
        op.execute(statement)


def upgrade() -> None:
    op.execute("ALTER TABLE queue_decisions ADD COLUMN about text")
    renamed("not-employed", "not-employed-then")


def downgrade() -> None:
    renamed("not-employed-then", "not-employed")
    op.execute("ALTER TABLE queue_decisions DROP COLUMN about")
