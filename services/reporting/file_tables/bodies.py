"""What the imports of tables return."""

from typing import Literal

from pydantic import BaseModel

from shared.imports.bodies import FieldErrorShown, NoteShown

Outcome = Literal["create", "update", "unchanged", "error"]


class RowShown(BaseModel):
    """The fate of one row; `row` as in the file, whose row 1 holds the column names."""

    row: int
    outcome: Outcome
    errors: list[FieldErrorShown] = []


class TotalsShown(BaseModel):
    """Rows by outcome; `written` is 0 for a dry run, and when any row is wrong: then nothing at all is written."""

    rows: int
    create: int
    update: int
    unchanged: int
    error: int
    written: int


class ImportShown(BaseModel):
    """What becomes of a file. `ignored_columns` are those that no field is called by; `notes` say what was forgiven."""

    rows: list[RowShown]
    totals: TotalsShown
    ignored_columns: list[str] = []
    notes: list[NoteShown] = []
