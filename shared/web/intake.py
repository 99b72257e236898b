"""What a route takes from a request: the parameters that it names and a body of exact types, nothing else.

Nothing is guessed: a parameter or a field that there is none of, a text for a number, an epoch number for a time are
refused by name, before a connection to the database is taken.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from shared.web.incoming import Incoming
from shared.web.problems import FieldError, Problem, invalid, unanswerable
from shared.web.texts import check_body, check_fields, composed, composed_body

MOST_NAMED = 20
MOST_PARTS = 20


class Intake:
    """What one route takes."""

    def __init__(self, route: APIRoute) -> None:
        asked = get_flat_params(route.dependant)
        self.parameters = sorted(one.alias for one in asked if isinstance(one.field_info, params.Query))
        field = route.body_field
        self.body: TypeAdapter[Any] | None = None
        self.form: set[str] | None = None
        self.kinds = {"application/json", "multipart/form-data"}
        if field is not None and isinstance(field.field_info, params.Form):
            self.form = {one.alias for one in route.dependant.body_params}
            if not isinstance(field.field_info, params.File):
                self.kinds |= {"application/x-www-form-urlencoded"}
        elif field is not None:
            kind: Any = field.field_info.annotation
            for limit in field.field_info.metadata:
                kind = Annotated[kind, limit]
            self.body = TypeAdapter(kind)
            self.body_required = field.field_info.is_required()

    async def take(self, request: Request) -> Request:
        """The request with its question checked and its body read and validated. Raises 400, 415, 422."""
        self._check_kind(request)
        self.check_question(request)
        return await self.read(request)

    def _check_kind(self, request: Request) -> None:
        """415 for a body that the route cannot read: FastAPI alone would call it a validation error."""
        if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
            return
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if not (kind in self.kinds or (kind.startswith("application/") and kind.endswith("+json"))):
            raise Problem(
                "unsupported-media-type",
                415,
                "Skicka innehållet som application/json (filer som multipart/form-data).",
                "Send the body as application/json (files as multipart/form-data).",
            )

    def check_question(self, request: Request) -> None:
        """Raises 422 for parameters that the route does not know, and for a period that ends before it begins."""
        if not request.scope["query_string"]:
            return
        if errors := [*self._unknown(request), *self._disorder(request)]:
            raise unanswerable(*errors[:MOST_NAMED])

    def _unknown(self, request: Request) -> Iterator[FieldError]:
        for name in request.query_params:
            if name not in self.parameters:
                known = ", ".join(self.parameters)
                yield FieldError(
                    f"/query/{escaped(name)}",
                    "extra_forbidden",
                    f"Parametern finns inte. Det går att ange: {known or 'ingen'}.",
                    f"There is no such parameter. You can give: {known or 'none'}.",
                )

    def _disorder(self, request: Request) -> Iterator[FieldError]:
        if not {"from", "to"} <= set(self.parameters):
            return
        first, last = (_day(request.query_params.get(name)) for name in ("from", "to"))
        if first and last and first > last:
            yield FieldError("/query/from", "after-to", "`from` ligger efter `to`.", "`from` lies after `to`.")
            yield FieldError("/query/to", "before-from", "`to` ligger före `from`.", "`to` lies before `from`.")

    async def read(self, request: Request) -> Request:
        """The request with its body read to the end and validated: the one place that sees every JSON body before its
        fields. Raises 400 for what is no JSON, 422 with the wrong fields.
        """
        raw = await request.body()
        if self.form is not None:
            return await self._read_form(request, self.form)
        if self.body is None:
            return request
        if not raw:
            if self.body_required:
                raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
            return request
        raw = composed_body(raw)
        try:
            # JSON, strict: a date is a text, a number is no text and no truth.
            value = self.body.validate_json(raw, strict=True)
        except ValidationError as error:
            await check_body(raw, valid=False)
            faults = error.errors(include_url=False, include_input=False)
            raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None
        await check_body(raw, valid=True)
        return Validated(request, value)

    async def _read_form(self, request: Request, known: set[str]) -> Request:
        """Parses a form here, so that its files are on disk before a connection is taken, and cleans its texts."""
        form = await request.form(max_files=MOST_PARTS, max_fields=MOST_PARTS)
        if errors := [unknown_field(name) for name in form if name not in known]:
            raise invalid(*errors)
        parts = [(name, composed(part) if isinstance(part, str) else part) for name, part in form.multi_items()]
        for name, part in parts:
            if isinstance(part, str):
                await check_fields({name: part}, len(part), valid=True)
        return Filled(request, FormData(parts))


class Filled(Incoming):
    """A request whose form was read and cleaned."""

    def __init__(self, request: Request, form: FormData) -> None:
        vars(self).update(vars(request))  # what was read of it already
        self._form = form


class Validated(Incoming):
    """A request whose body was read and validated: the framework finds the result in the place of the parsed JSON."""

    def __init__(self, request: Request, value: Any) -> None:
        vars(self).update(vars(request))  # what was read of it already
        self._value = value

    async def json(self) -> Any:
        return self._value


def unknown_field(name: str) -> FieldError:
    sv, en = "Fältet finns inte. Kontrollera stavningen.", "There is no such field. Check its spelling."
    return FieldError(f"/{escaped(name)}", "extra_forbidden", sv, en)


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _day(text: str | None) -> date | None:
    """A day as written, None for anything else: the parameter's own type says what is wrong with it."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
