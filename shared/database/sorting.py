"""Swedish order in a statement: the database has no Swedish collation."""

from typing import Any

from sqlalchemy import ColumnElement, collate, func

LETTERS, STAND_INS = "åäöæøéèü", "{|}|}eey"
"""As `shared.sorting` has them, for the letters that names here have."""


def swedish(column: Any) -> ColumnElement[str]:
    """What a text is ordered by: without case, å, ä, ö after z."""
    small = func.lower(collate(column, "pg_c_utf8"))
    return collate(func.translate(small, LETTERS, STAND_INS), "C")
