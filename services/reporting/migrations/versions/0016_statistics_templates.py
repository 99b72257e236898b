"""The template of the statistics file is data that the project office states."""

from alembic import op

from shared.database.scope import policy

revision = "0016"
down_revision = "0015"

CREATE = """
    CREATE TABLE statistics_templates (
        id integer PRIMARY KEY CHECK (id = 1),
        versions jsonb NOT NULL,
        revision integer NOT NULL
    )
    """
GRANT = "GRANT SELECT, INSERT, UPDATE ON statistics_templates TO reporting_app"


def upgrade() -> None:
    op.execute(CREATE)
    for statement in policy("statistics_templates", "false"):
        op.execute(statement)
    op.execute(GRANT)


def downgrade() -> None:
    op.execute("DROP TABLE statistics_templates")
