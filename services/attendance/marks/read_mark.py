"""Reading the marks of a batch one by one: a fault in one concerns no other."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.attendance.marks.bodies import MarkBody
from shared.web.bodies import Body
from shared.web.errors import field_error
from shared.web.problems import FieldError, Problem, invalid

B = TypeVar("B", bound=Body)
MARKS = TypeAdapter(list[MarkBody])


@dataclass(frozen=True)
class Malformed:
    """A mark that is none. `content` is what came, as a database can keep it."""

    mark_id: UUID | None
    content: Any
    errors: tuple[FieldError, ...]


def read_marks(sent: Sequence[Any]) -> list[MarkBody | Malformed]:
    """The marks of a batch, read at once as nearly all are good; else one by one."""
    try:
        return [*MARKS.validate_json(json.dumps(sent), strict=True)]
    except ValidationError:
        return [read_mark(one, number) for number, one in enumerate(sent)]


def read_mark(sent: Any, number: int) -> MarkBody | Malformed:
    """The mark at a place of the batch; `sent` is plain JSON. Types are exact: true is no number, a text neither."""
    try:
        return read(MarkBody, sent, "marks", number)
    except Problem as problem:
        return Malformed(id_in(sent, "mark_id"), _storable(sent), tuple(problem.errors))


def read(kind: type[B], sent: Any, *place: str | int) -> B:
    """One of many in a batch. Raises 422 with pointers to what is wrong with it; `place`: where in the body it is."""
    try:
        return kind.model_validate_json(json.dumps(sent), strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise invalid(*(field_error({**fault, "loc": (*place, *fault["loc"])}) for fault in faults)) from None


def id_in(sent: Any, name: str) -> UUID | None:
    """The id that a part of a batch has under a name, None where it has none."""
    try:
        return UUID(sent[name])
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
