"""A form is read by the same bodies as the API's JSON, so that both refuse the same.

Names are paths (`override.reason`, `occasions.0.starts_at`); a name that is given several times is a list; an empty
field is null where the body takes null, else missing. Names that begin with `_` are the form's own: its key, its ETag,
when it happened, and `_without`, the paths whose fields are left out (a row of a list that was ticked away).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, get_args, get_origin

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from shared.clock import STOCKHOLM
from shared.web import texts
from shared.web.body_limit import TOO_LARGE, in_words
from shared.web.incoming import Incoming
from shared.web.intake import MOST_NAMED, Intake, Validated, unknown_field
from shared.web.problems import invalid

HEADERS: Final = {"_key": "Idempotency-Key", "_etag": "If-Match", "_occurred_at": "Kursnav-Occurred-At"}
"""What a form says in fields of its own, and a call of the API in headers."""
MOST_FIELDS: Final = 1000
MOST_BYTES: Final = 1_000_000
"""Of a form without files; the longest, a report with all its texts, has a third of it."""
LONGEST_NAME, LONGEST_HEADER = 200, 256
FORM: Final = "application/x-www-form-urlencoded"
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")  # what an input of type datetime-local sends
Values = Mapping[str, Sequence[str]]


class FormIntake(Intake):
    """What a page's POST takes: the fields of a body, as a form sends them; files as the API takes them."""

    def __init__(self, route: Any) -> None:
        super().__init__(route)
        self.kinds = {FORM, "multipart/form-data"}
        if self.form is not None:  # a file, and the form's own fields beside it
            self.form |= HEADERS.keys()

    def check_question(self, request: Request) -> None:
        """A form is sent to its page's address, whose parameters are that page's."""
        if request.method != "POST":
            super().check_question(request)

    async def read(self, request: Request) -> Request:
        if self.form is not None:
            return await super().read(request)
        if self.body is None:
            return request
        await request.body()  # kept, so that it can be read again
        fields = await fields_of(request)
        request.scope["as_written"] = partial(as_written, fields, self.body)
        value, size = nested(fields, self.body), sum(len(part) for parts in fields.values() for part in parts)
        try:
            read = self.body.validate_python(value)
        except ValidationError as error:
            await texts.check_fields(value, size, valid=False)
            faults = error.errors(include_url=False, include_input=False)
            raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None
        await texts.check_fields(value, size, valid=True)
        # The framework asks for the parsed body of what says that it is JSON.
        MutableHeaders(scope=request.scope)["content-type"] = "application/json"
        return Validated(request, read)


async def values_of(request: Request) -> dict[str, list[str]]:
    """All fields of a form that hold text, as they were written. Raises 413 for a form that is too long."""
    if FORM in request.headers.get("content-type", "").lower() and len(await request.body()) > MOST_BYTES:
        raise HTTPException(TOO_LARGE, in_words(MOST_BYTES))
    form = await request.form(max_files=20, max_fields=MOST_FIELDS)
    values: dict[str, list[str]] = {}
    for name, part in form.multi_items():
        if isinstance(part, str):
            values.setdefault(name, []).append(part)
    return values


async def fields_of(request: Request) -> dict[str, list[str]]:
    """The fields of the body: without the form's own, in NFC. Raises 422 for a name that no field can have."""
    values = await values_of(request)
    if endless := [unknown_field(name[:LONGEST_NAME]) for name in values if len(name) > LONGEST_NAME]:
        raise invalid(*endless[:MOST_NAMED])
    left_out = tuple(f"{path}." for path in values.get("_without", ()))
    return {
        texts.composed(name): [texts.composed(part) for part in parts]
        for name, parts in values.items()
        if not name.startswith(("_", *left_out))
    }


def with_headers(request: Request, values: Values, raw: bytes) -> Request:
    """The request with the form's own fields where a call of the API has them. What headers say already holds."""
    headers = MutableHeaders(scope=request.scope)
    for name, header in HEADERS.items():
        text = values.get(name, ("",))[-1].strip()[:LONGEST_HEADER]
        if text and header not in headers:
            headers[header] = _with_offset(text)

    async def again() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return Incoming(request.scope, again)


def nested(values: Values, body: TypeAdapter[Any]) -> Any:
    """A form's fields as the object that they stand for."""
    return _lists(_tree(values, body), body._type)


def as_written(values: Values, body: TypeAdapter[Any], pointer: str) -> str:
    """A pointer into the object as one into the form: a list has moved up over the lines that were left empty."""
    place: Any = _tree(values, body)
    kind, parts = body._type, list[str]()
    for part in pointer.split("/"):
        lines = sorted(place, key=int) if _is_list(place, kind) else []
        parts.append(lines[int(part)] if part.isdecimal() and int(part) < len(lines) else part)
        if part:
            place, kind = place.get(parts[-1]) if isinstance(place, dict) else None, kind_at(kind, parts[-1:])
    return "/".join(parts)


def _tree(values: Values, body: TypeAdapter[Any]) -> dict[str, Any]:
    """The fields by the parts of their names; a list by the numbers of its lines."""
    top: dict[str, Any] = {}
    for name, parts in values.items():
        path, kind = name.split("."), kind_at(body._type, name.split("."))
        value = _value(parts, kind)
        if value is not MISSING:
            _put(top, path, value)
    return top


MISSING: Final = object()


def _value(parts: Sequence[str], kind: Any) -> Any:
    if takes(kind, list):
        return [_with_offset(part) for part in parts if part.strip()]
    text = parts[-1]
    if text.strip():
        return _with_offset(text)
    if takes(kind, type(None)):
        return None
    return {} if takes(kind, dict) else MISSING


def _with_offset(text: str) -> str:
    """A local time as the forms of browsers send it is one of Sweden's."""
    if not _LOCAL_TIME.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).isoformat()
    except ValueError:
        return text


def kind_at(kind: Any, path: Sequence[str]) -> Any:
    """The type that a body has at a path, None where it has none."""
    for part in path:
        models = [one for one in parts_of(kind) if isinstance(one, type) and issubclass(one, BaseModel)]
        if models:
            fields = models[0].model_fields
            found = next((one for name, one in fields.items() if part in (name, one.alias)), None)
            kind = found.annotation if found else None
        else:
            inner = [get_args(one) for one in parts_of(kind) if get_origin(one) in (list, dict)]
            kind = inner[0][-1] if inner else None
    return kind


def takes(kind: Any, wanted: type) -> bool:
    """Whether a type, or one of its alternatives, is this one."""
    return any(one is wanted or get_origin(one) is wanted for one in parts_of(kind))


def parts_of(kind: Any) -> list[Any]:
    """The alternatives of a type, without what annotates them."""
    if kind is None or (isinstance(kind, type) and get_origin(kind) is None):
        return [kind]
    origin = get_origin(kind)
    if origin in (list, dict):
        return [kind]
    inner = get_args(kind)[:1] if hasattr(kind, "__metadata__") else get_args(kind)
    return [part for one in inner for part in parts_of(one)] or [kind]


def _put(top: dict[str, Any], path: Sequence[str], value: Any) -> None:
    place = top
    for part in path[:-1]:
        if not place.get(part):  # an empty field before says that the object or list is there, and may be empty
            place[part] = {}
        place = place[part]
        if not isinstance(place, dict):
            return
    place[path[-1]] = value


def _lists(value: Any, kind: Any) -> Any:
    """Objects whose names are 0, 1, 2 … where the body has a list are that list."""
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one, kind_at(kind, [name])) for name, one in value.items()}
    return [inner[name] for name in sorted(inner, key=int)] if _is_list(inner, kind) else inner


def _is_list(value: Any, kind: Any) -> bool:
    return isinstance(value, dict) and bool(value) and takes(kind, list) and all(name.isdecimal() for name in value)
