"""Splitting the project's commitment again after anything that it depends on changed."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert, select
from sqlmodel import col

from services.booking.catalogue import queries
from services.booking.catalogue.events import municipality_changed
from services.booking.catalogue.rules import Statement, commitments
from services.booking.catalogue.tables import Commitment, CommitmentStatement, Municipality
from shared.database.conditions import among
from shared.database.unit_of_work import Unit


async def replace_statements(unit: Unit, statements: Sequence[Statement]) -> None:
    """Stores these statements in the place of all."""
    await unit.execute(delete(CommitmentStatement))
    if statements:
        await unit.execute(insert(CommitmentStatement), [asdict(statement) for statement in statements])


async def split_again(unit: Unit, project_minutes: int, changed: str | None = None) -> None:
    """Stores what now follows from the statements, and publishes every municipality whose commitment became another.

    `changed` is published in any case. The caller holds the project's row.
    """
    before = queries.by_municipality(await queries.all_commitments(unit))
    now = commitments(project_minutes, await queries.all_statements(unit))
    histories = queries.by_municipality(now)
    differing = [code for code in sorted(histories) if histories[code] != before.get(code) or code == changed]
    if not differing:
        return
    await unit.execute(delete(Commitment).where(among(col(Commitment.municipality), differing)))
    await unit.execute(insert(Commitment), [asdict(each) for each in now if each.municipality in differing])
    names = await unit.all(
        select(col(Municipality.code), col(Municipality.name)).where(among(col(Municipality.code), differing))
    )
    for row in sorted(names, key=lambda each: each["code"]):
        unit.emit(municipality_changed(row["code"], row["name"], histories[row["code"]]))
