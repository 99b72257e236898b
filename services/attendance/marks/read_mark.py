"""Reading the marks of a batch one by one: a fault in one concerns no other."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from services.attendance.marks.bodies import MarkBody
from shared.web.errors import field_error
from shared.web.problems import FieldError


@dataclass(frozen=True)
class Malformed:
    """A mark that is none. `content` is what came, as a database can keep it."""

    mark_id: UUID | None
    content: Any
    errors: tuple[FieldError, ...]


def read_mark(sent: Any, number: int) -> MarkBody | Malformed:
    """The mark at a place of the batch; `sent` is plain JSON. Types are exact: true is no number, a text neither."""
    try:
        return MarkBody.model_validate_json(json.dumps(sent), strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        errors = [field_error({**fault, "loc": ("marks", number, *fault["loc"])}) for fault in faults]
        return Malformed(_mark_id(sent), _storable(sent), tuple(errors))


def _mark_id(sent: Any) -> UUID | None:
    try:
        return UUID(sent["mark_id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _storable(sent: Any) -> Any:
    """Without zero bytes, which no database keeps."""
    if isinstance(sent, dict):
        return {_storable(name): _storable(value) for name, value in sent.items()}
    if isinstance(sent, list):
        return [_storable(value) for value in sent]
    if isinstance(sent, str):
        return sent.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return sent
