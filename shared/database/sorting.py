"""Swedish order in a statement: the database has no Swedish collation. Reading in the order of an index."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, collate, func

from shared.database.unit_of_work import Unit

LETTERS, STAND_INS = "åäöæøéèü", "{|}|}eey"
"""As `shared.sorting` has them, for the letters that names here have."""
SORTING = ("enable_sort", "enable_gathermerge")
"""What PostgreSQL's planner puts rows in order by, when no index does."""


def swedish(column: Any) -> ColumnElement[str]:
    """What a text is ordered by: without case, å, ä, ö after z."""
    small = func.lower(collate(column, "pg_c_utf8"))
    return collate(func.translate(small, LETTERS, STAND_INS), "C")


@asynccontextmanager
async def by_index(unit: Unit) -> AsyncIterator[None]:
    """Inside the block rows come in the order of an index where one has it, and are not sorted.

    PostgreSQL cannot tell how many rows a policy shows. It expects a few, and sorts all of a large municipality to show
    twenty-five; nor are those worth starting a second process.
    """
    for name in SORTING:
        await unit.execute(f"SET LOCAL {name} = off")
    yield
    for name in SORTING:
        await unit.execute(f"SET LOCAL {name} = on")
