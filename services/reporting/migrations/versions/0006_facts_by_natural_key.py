"""Facts are found by what they are about: the event that took another's place is looked up by its natural key.

A hash of the key, not the key itself: a key of four ids is longer than the rest of what an insert writes to an index.
"""

from services.reporting.migrations.everywhere import in_every_version

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    in_every_version("CREATE INDEX ix_facts_natural_key ON %I.facts USING hash (natural_key)")


def downgrade() -> None:
    in_every_version("DROP INDEX %I.ix_facts_natural_key")
