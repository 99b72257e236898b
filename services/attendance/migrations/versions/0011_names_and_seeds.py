"""What the project and municipalities are called, for pages; a seed of check-in codes for each occasion."""

from alembic import op

revision = "0011"
down_revision = "0010"

UP = [
    "CREATE TABLE catalogue_names (key text PRIMARY KEY, name text NOT NULL, sequence bigint NOT NULL)",
    "GRANT SELECT, INSERT, UPDATE ON catalogue_names TO attendance_app",
    # 40 bytes: random ones of three UUIDs, and no padding in base32.
    """
    ALTER TABLE occasions ADD COLUMN seed bytea NOT NULL DEFAULT substring(
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) FROM 1 FOR 40)
    """,
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE occasions DROP COLUMN seed")
    op.execute("DROP TABLE catalogue_names")
