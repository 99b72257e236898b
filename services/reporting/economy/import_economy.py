"""Taking in an economy table: rows alike are there already, one bad row stores nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.reporting.economy.bodies import EntryBody
from services.reporting.economy.tables import EconomyEntry
from services.reporting.file_tables.bodies import ImportShown
from services.reporting.file_tables.plan import in_our_words, plan
from shared.audit.record import Act, record_all
from shared.database.unit_of_work import Unit
from shared.imports.reading import Expected
from shared.imports.table import Table

SWEDISH = {
    "datum": "date",
    "slag": "kind",
    "kategori": "category",
    "belopp": "amount",
    "anteckning": "note",
    "gäller från": "covers_from",
    "gäller till": "covers_to",
}
EXPECTED = Expected(dates=frozenset({"date", "covers_from", "covers_to", "datum", "gäller från", "gäller till"}))
REQUIRED = ("date", "kind", "category", "amount")
ALIKE = ("date", "kind", "category", "amount", "note")
Key = tuple[date, str, str, Decimal, str]
Covers = tuple[date | None, date | None]


def _split(body: EntryBody) -> tuple[Key, Covers]:
    """What makes a row the same as another, and what may be said of it later."""
    return (body.date, body.kind, body.category, body.amount, body.note or ""), (body.covers_from, body.covers_to)


async def import_economy(unit: Unit, table: Table, *, dry_run: bool, language: str) -> ImportShown:
    """The fate of each row; written only when this is no dry run and no row is wrong."""
    table = in_our_words(table, SWEDISH)
    found = plan(table, EntryBody, REQUIRED, _split, await _known(unit))
    written = not dry_run and found.is_good
    if written and found.changes:
        rows: list[dict[str, Any]] = [
            {
                "id": unit.ids.uuid7(),
                **dict(zip(ALIKE, key, strict=True)),
                "covers_from": covers[0],
                "covers_to": covers[1],
            }
            for key, covers in found.changes.items()
        ]
        statement = insert(EconomyEntry)
        covers_now = {name: statement.excluded[name] for name in ("covers_from", "covers_to")}
        await unit.execute(statement.on_conflict_do_update(index_elements=list(ALIKE), set_=covers_now), rows)
        await record_all(
            unit, [Act("economy-imported", f"economy/{row['date'].year}", after=_audited(row)) for row in rows]
        )
    return found.shown(table, EntryBody.model_fields, language, written=written)


async def _known(unit: Unit) -> dict[Key, Covers]:
    rows = await unit.all(select(EconomyEntry))
    return {
        (row["date"], row["kind"], row["category"], row["amount"], row["note"]): (row["covers_from"], row["covers_to"])
        for row in rows
    }


def _audited(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}
