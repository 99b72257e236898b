"""What every OpenAPI document says beside its routes: by which problems each call refuses.

A route names its own where it is declared: `responses={409: problems("code-taken")}`. What any call of its kind may
meet follows from what it is: `usual_problems`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp

from shared.web.problems import BASE

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": f"{BASE}<name>; stable."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in the language of Accept-Language (sv or en)."},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to the field."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
PROBLEM_JSON = "application/problem+json"
SHARED = "#/components/responses/"
"""Where a document says once what many calls refuse by one problem alone; the name is the problem's."""
BY_LINK = "{token}"
"""In the path of a call that takes a link instead of an access token."""
ACCESS_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def problems(*names: str) -> dict[str, Any]:
    """A refusal's response in the document: the problems it may hold, by name."""
    kind = {"type": {"enum": [BASE + name for name in names]}}
    schema = {"$ref": "#/components/schemas/Problem", "properties": kind}
    return {"description": ", ".join(names), "content": {PROBLEM_JSON: {"schema": schema}}}


def created(shown: Any) -> dict[int | str, dict[str, Any]]:
    """The response of a PUT when it creates; the framework documents the other one."""
    return {201: {"model": shown, "description": "Created"}}


def again(shown: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The response of a POST whose resource, by the caller's own id, is there already."""
    return {200: {"model": shown, "description": "As it was entered before."}}


AS_YOU_HAVE_IT: dict[int | str, dict[str, Any]] = {304: {"description": "As you have it."}}
"""The response to an `If-None-Match` that still holds."""

RESPONSES: dict[int | str, dict[str, Any]] = {422: problems("validation")}
"""Of every route: without it the framework documents an answer of its own form."""


def names_in(response: Mapping[str, Any]) -> list[str]:
    """The problems by name that a response of a document stands for."""
    if "$ref" in response:
        return [response["$ref"].removeprefix(SHARED)]
    if PROBLEM_JSON not in response.get("content", {}):
        return []
    kinds = response["content"][PROBLEM_JSON]["schema"]["properties"]["type"]["enum"]
    return [uri.removeprefix(BASE) for uri in kinds]


class DocumentedApi(FastAPI):
    """An application whose document names the problems of each call, and says that each takes an access token.

    Said here and not by a dependency of each route: `shared.security.tokens` decides, before any dependency runs.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """Without what the framework puts around every request for what is not used here: telemetry (`tracing` has
        ours), a limit of bodies (`BodyLimit` is ours), and files to close, which a route does itself.
        """
        handlers = dict(self.exception_handlers)
        fault = handlers.pop(Exception, None)
        app: ASGIApp = ExceptionMiddleware(self.router, handlers=handlers)
        for cls, arguments, options in reversed(self.user_middleware):
            app = cls(app, *arguments, **options)
        return ServerErrorMiddleware(app, handler=fault)

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        parts = document.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        parts["securitySchemes"] = {"AccessToken": ACCESS_TOKEN}
        dates_acts = getattr(self.state, "occurred_at_check", None) is not None
        shared = parts.setdefault("responses", {})
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                usual = usual_problems(method.upper(), path, operation, dates_acts)
                _add_problems(operation["responses"], usual, shared)
                if path.startswith("/v1/") and BY_LINK not in path:
                    operation["security"] = [{"AccessToken": []}]
        return document


def _add_problems(responses: dict[str, Any], usual: Iterator[tuple[int, str]], shared: dict[str, Any]) -> None:
    """Adds to the problems that a route names those of its kind."""
    named = {status: set(names) for status, response in responses.items() if (names := names_in(response))}
    for code, name in usual:
        named.setdefault(str(code), set()).add(name)
    for status, found in named.items():
        first, *others = sorted(found)
        responses[status] = problems(first, *others) if others else {"$ref": SHARED + first}
        if not others:
            shared[first] = problems(first)


def usual_problems(method: str, path: str, operation: Mapping[str, Any], dates_acts: bool) -> Iterator[tuple[int, str]]:
    """The problems that a call may meet because of what it is, each with its status."""
    yield from ((422, "validation"), (500, "internal-error"))
    if "{" in path:
        yield 404, "not-found"
    if not path.startswith("/v1/"):
        return
    if BY_LINK not in path:
        yield from ((401, "unauthorized"), (403, "forbidden"))
    yield 503, "busy"
    yield from ((422, "personal-number"), (422, "invalid-value"))
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
        yield 400, "invalid-cursor"
    if method != "GET":
        yield from _problems_of_writing(operation, dates_acts)
    if method == "POST":
        yield from ((400, "invalid-idempotency-key"), (409, "request-in-progress"), (422, "idempotency-key-reused"))
    if method in ("PUT", "PATCH", "DELETE"):
        yield from ((412, "stale-if-match"), (428, "if-match-required"))


def _problems_of_writing(operation: Mapping[str, Any], dates_acts: bool) -> Iterator[tuple[int, str]]:
    yield from ((409, "concurrent-change"), (413, "event-too-large"))
    if "requestBody" in operation:
        yield from ((400, "malformed"), (408, "request-timeout"))
        yield from ((413, "body-too-large"), (415, "unsupported-media-type"))
    if dates_acts:
        yield from ((400, "invalid-occurred-at"), (422, "occurred-at-in-future"), (422, "occurred-at-outside-project"))
