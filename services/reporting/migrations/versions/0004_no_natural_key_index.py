"""No index by natural key: which fact of a natural key counts is decided where the facts are read, all at once."""

from services.reporting.migrations.everywhere import in_every_version

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    in_every_version("DROP INDEX IF EXISTS %I.ix_facts_natural_key")


def downgrade() -> None:
    in_every_version("CREATE INDEX ix_facts_natural_key ON %I.facts (natural_key, sequence)")
