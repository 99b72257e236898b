"""What every import answers of a file."""

from collections.abc import Iterable
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from shared.imports.table import Table
from shared.web.problems import FieldError

Outcome = Literal["create", "update", "unchanged", "error"]
Row = TypeVar("Row", bound=BaseModel)
Totals = TypeVar("Totals", bound=BaseModel)


class FieldErrorShown(BaseModel):
    pointer: str
    code: str
    message: str


class NoteShown(BaseModel):
    """What was forgiven in a file."""

    code: str
    message: str


class TotalsShown(BaseModel):
    """Rows by outcome; `written` is 0 for a dry run, and when any row is wrong: then nothing at all is written."""

    rows: int
    create: int
    update: int
    unchanged: int
    error: int
    written: int


class FileShown(BaseModel, Generic[Row, Totals]):
    rows: list[Row]
    totals: Totals
    ignored_columns: list[str] = []
    notes: list[NoteShown] = []


def errors_shown(errors: Iterable[FieldError], language: str) -> list[FieldErrorShown]:
    return [FieldErrorShown(**error.shown(language)) for error in errors]


def notes_shown(table: Table, language: str) -> list[NoteShown]:
    return [NoteShown(code=note.code, message=note.sv if language == "sv" else note.en) for note in table.notes]
