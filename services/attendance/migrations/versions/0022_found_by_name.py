"""Whoever may be placed is found by the names that everybody's employers gave, before employments are read."""

from alembic import op

revision = "0022"
down_revision = "0021"

GIVEN, FAMILY = (f"jsonb_path_query_array(contacts, '$.*.{name}_name')" for name in ("given", "family"))


def upgrade() -> None:
    op.execute(
        'ALTER TABLE people ADD COLUMN names text COLLATE "C" NOT NULL GENERATED ALWAYS AS '
        f'(lower(({GIVEN} || {FAMILY})::text COLLATE "pg_c_utf8")) STORED'
    )


def downgrade() -> None:
    op.execute("ALTER TABLE people DROP COLUMN names")
