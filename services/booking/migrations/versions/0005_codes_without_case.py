"""One code, one spelling: codes are unique without regard to case and composition; a municipality's contact address."""

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

CODES = {"courses": ("code", "id"), "packages": ("code", "id"), "titles": ("title", "position")}
TEXTS = {
    "project": ("name",),
    "municipalities": ("name",),
    "courses": ("title", "description"),
    "packages": ("title",),
    "titles": ("title_sv",),
}


def upgrade() -> None:
    for table, (code, order) in CODES.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN code_key text")
        _fill(table, code, order)
        op.execute(f"ALTER TABLE {table} ALTER COLUMN code_key SET NOT NULL")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_code_key_key UNIQUE (code_key)")
    for table, columns in TEXTS.items():
        for name in columns:
            written: sa.ColumnClause[str] = sa.column(name)
            composed = sa.func.normalize(written)
            op.execute(sa.update(sa.table(table, written)).values({name: composed}).where(written != composed))
    op.execute("ALTER TABLE municipalities ADD COLUMN contact_email text")


def downgrade() -> None:
    op.execute("ALTER TABLE municipalities DROP COLUMN contact_email")
    for table in CODES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN code_key")


def _fill(table: str, code: str, order: str) -> None:
    """The first of several spellings gets the key; the others stay, for sessions stand under them, and are found by
    their own spelling: their key has a space, which no code has.
    """
    own: sa.ColumnClause[str] = sa.column(code)
    rows = sa.table(table, sa.column("code_key"))
    bind, taken = op.get_bind(), set[str]()
    for spelling in bind.scalars(sa.select(own).select_from(rows).order_by(sa.text(order))).all():
        key = normalize("NFC", normalize("NFC", spelling).casefold())
        if key in taken:
            key = f"{key} {spelling}"
        taken.add(key)
        bind.execute(sa.update(rows).values(code_key=key).where(own == spelling))
