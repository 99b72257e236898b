"""The refusals about uploads, each with what to do."""

from collections.abc import Iterable

from shared.uploads.rules import Field
from shared.web.problems import FieldError, Problem, conflict, not_found


def upload_not_found() -> Problem:
    return not_found("Filen", "The file")


def upload_expired() -> Problem:
    return conflict(
        "upload-expired",
        "Filen finns inte kvar: den sparas bara några timmar. Ladda upp den igen.",
        "The file is no longer there: it is kept for some hours only. Upload it again.",
    )


def not_checked() -> Problem:
    return conflict(
        "not-checked",
        "Filen är inte kontrollerad, eller har fel. Ingenting har sparats. Kontrollera den först.",
        "The file has not been checked, or has errors. Nothing was saved. Check it first.",
    )


def other_columns() -> FieldError:
    return FieldError(
        "/columns", "other-columns", "Filen har andra kolumner. Välj igen.", "The file has other columns. Choose again."
    )


def column_not_chosen(fields: Iterable[Field]) -> FieldError:
    fields = list(fields)
    sv, en = ", ".join(field.sv for field in fields), ", ".join(field.en for field in fields)
    return FieldError(
        "/columns", "column-missing", f"välj vilken kolumn som är {sv}.", f"choose the column that is {en}."
    )


def chosen_twice(place: int, field: Field) -> FieldError:
    return FieldError(
        f"/columns/{place}",
        "chosen-twice",
        f"en annan kolumn är redan {field.sv}. Välj en av dem.",
        f"another column is {field.en} already. Choose one of them.",
    )
