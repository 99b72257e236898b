"""Staff can be read in the order in which lists show it, and its workplaces without reading all of it."""

from alembic import op

revision = "0023"
down_revision = "0022"

ORDERS = {"name_order": "family_name || ' ' || given_name", "workplace_order": "workplace"}

UP = [
    *(
        f'ALTER TABLE staff ADD COLUMN {name} text COLLATE "C" NOT NULL GENERATED ALWAYS AS '
        f"(translate(lower(({expression}) COLLATE \"pg_c_utf8\"), 'åäöæøéèü', '{{|}}|}}eey')) STORED"
        for name, expression in ORDERS.items()
    ),
    *(f"CREATE INDEX ix_staff_{name} ON staff ({name}, id)" for name in ORDERS),
    "CREATE INDEX ix_staff_municipality_workplace ON staff (municipality, workplace)",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_staff_municipality_workplace")
    for name in ORDERS:
        op.execute(f"ALTER TABLE staff DROP COLUMN {name}")
