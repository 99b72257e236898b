"""What every import answers of a file."""

from pydantic import BaseModel

from shared.imports.table import Table


class FieldErrorShown(BaseModel):
    pointer: str
    code: str
    message: str


class NoteShown(BaseModel):
    """What was forgiven in a file."""

    code: str
    message: str


def notes_shown(table: Table, language: str) -> list[NoteShown]:
    return [NoteShown(code=note.code, message=note.sv if language == "sv" else note.en) for note in table.notes]
