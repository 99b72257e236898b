"""What the imports of tables return."""

from pydantic import BaseModel

from shared.imports.bodies import FieldErrorShown, FileShown, Outcome, TotalsShown


class RowShown(BaseModel):
    """The fate of one row; `row` as in the file, whose row 1 holds the column names."""

    row: int
    outcome: Outcome
    errors: list[FieldErrorShown] = []


class ImportShown(FileShown[RowShown, TotalsShown]):
    """What becomes of a file. `ignored_columns` are those that no field is called by; `notes` say what was forgiven."""
