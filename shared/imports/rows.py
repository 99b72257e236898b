"""A row of a file as the body of a call."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.imports.table import Row
from shared.web.errors import field_error
from shared.web.problems import FieldError

B = TypeVar("B", bound=BaseModel)


def read_row(row: Row, body: type[B], values: Mapping[str, Any]) -> tuple[B | None, list[FieldError]]:
    """The body that the values of a row make, None when they make none; and what is wrong with its cells."""
    errors = list(row.errors)
    try:
        return body.model_validate(values), errors
    except ValidationError as error:
        named = {one.pointer for one in errors}  # a cell that cannot be read is not said to be missing too
        faults = [field_error(dict(fault)) for fault in error.errors(include_input=False, include_url=False)]
        return None, errors + [fault for fault in faults if fault.pointer not in named]
