"""What is reported beside the facts, entered by the project office: economy, goals, competence, activities; and the
audit of that.
"""

from alembic import op

from services.reporting.migrations import forgetting
from shared.database import mechanisms
from shared.database.scope import WHOLE_PROJECT, policy

revision = "0013"
down_revision = "0012"

TABLES = [
    """
    CREATE TABLE economy_entries (
        id uuid PRIMARY KEY,
        date date NOT NULL,
        kind text NOT NULL CHECK (kind IN ('income', 'cost', 'carry-over')),
        category text NOT NULL,
        amount numeric(14, 2) NOT NULL,
        note text NOT NULL,
        covers_from date,
        covers_to date
    )
    """,
    "CREATE UNIQUE INDEX ix_economy_entries_alike ON economy_entries (date, kind, category, amount, note)",
    """
    CREATE TABLE goals (
        id integer PRIMARY KEY CONSTRAINT goals_are_one CHECK (id = 1),
        goals jsonb NOT NULL,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE competence_years (
        year integer PRIMARY KEY,
        cells jsonb NOT NULL,
        revision integer NOT NULL
    )
    """,
    """
    CREATE TABLE activities (
        id uuid PRIMARY KEY,
        date date NOT NULL,
        theme text NOT NULL,
        audience text NOT NULL,
        count integer NOT NULL,
        approximate boolean NOT NULL,
        rating_mean numeric(4, 2),
        rating_n integer,
        revision integer NOT NULL,
        CHECK ((rating_mean IS NULL) = (rating_n IS NULL))
    )
    """,
    "CREATE INDEX ix_activities_date ON activities (date, id)",
]
GRANTS = {
    "economy_entries": "SELECT, INSERT, UPDATE (covers_from, covers_to)",
    "goals": "SELECT, INSERT, UPDATE (goals, revision)",
    "competence_years": "SELECT, INSERT, UPDATE (cells, revision)",
    "activities": "SELECT, INSERT, UPDATE, DELETE",
}
AUDITED = [
    """
    CREATE TABLE audit (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        occurred_at timestamptz NOT NULL,
        actor text NOT NULL,
        actor_role text NOT NULL,
        action text NOT NULL,
        target text NOT NULL,
        before jsonb,
        after jsonb
    )
    """,
    "CREATE INDEX ix_audit_target ON audit (target)",
    "CREATE INDEX ix_audit_at ON audit (at)",
    "CREATE INDEX ix_audit_actor ON audit (actor, id)",
    "ALTER TABLE audit ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE audit FORCE ROW LEVEL SECURITY",
    "CREATE POLICY audit_append ON audit FOR INSERT WITH CHECK (true)",
    f"CREATE POLICY audit_read ON audit FOR SELECT USING ({WHOLE_PROJECT})",
    "CREATE POLICY audit_retention ON audit TO CURRENT_USER USING (true)",
    "GRANT SELECT, INSERT ON audit TO reporting_app",
]


def upgrade() -> None:
    for statement in (*TABLES, *AUDITED):
        op.execute(statement)
    for table, granted in GRANTS.items():
        for statement in policy(table, "false"):
            op.execute(statement)
        op.execute(f"GRANT {granted} ON {table} TO reporting_app")
    mechanisms.create_forget(op, "reporting", forgetting.SINCE_0013)


def downgrade() -> None:
    mechanisms.create_forget(op, "reporting", forgetting.SINCE_0007)
    op.execute(f"DROP TABLE audit, {', '.join(GRANTS)}")
