"""What the import of registrations answers."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.imports.bodies import FieldErrorShown, FileShown

RowOutcome = Literal["confirmed", "waitlisted", "unchanged", "error"]


class RegistrationRowShown(BaseModel):
    """The fate of one row; `row` counts from the file's first line, which holds the column names."""

    row: int
    outcome: RowOutcome
    registration_id: UUID | None = None
    errors: list[FieldErrorShown] = []


class RegistrationTotalsShown(BaseModel):
    """Rows by outcome; `written` is 0 for a dry run, and when any row is wrong: then nothing at all is written."""

    rows: int
    confirmed: int
    waitlisted: int
    unchanged: int
    error: int
    written: int


class RegistrationsImportShown(FileShown[RegistrationRowShown, RegistrationTotalsShown]):
    """What becomes of a file. `ignored_columns` are those that mean nothing here; `notes` say what was forgiven."""
