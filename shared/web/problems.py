"""Problem details (RFC 9457): every refusal says what is wrong and what to do, in the caller's language.

Each problem has a stable `type`, `https://kursnav.se/problems/<name>`; `errors` points at the fields. Never a stack
trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

BASE = "https://kursnav.se/problems/"


@dataclass(frozen=True)
class FieldError:
    """One wrong field: JSON pointer into the body (or `/query/name`), a stable code, and a sentence in both
    languages.
    """

    pointer: str
    code: str
    sv: str
    en: str

    def shown(self, language: str) -> dict[str, str]:
        # A field that a caller made up may be called by half a surrogate pair, which no answer can hold.
        pointer = self.pointer.encode(errors="replace").decode()
        return {"pointer": pointer, "code": self.code, "message": self.sv if language == "sv" else self.en}


@dataclass
class Problem(Exception):
    """A refusal. Raise it anywhere below a route: the transaction rolls back and the caller gets problem+json.

    `sv` and `en` say what happened and what to do. They never contain a personal number.
    """

    name: str
    status: int
    sv: str
    en: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.name}: {self.en}"

    def body(self, language: str, instance: str = "") -> dict[str, Any]:
        """The problem as its JSON body."""
        body: dict[str, Any] = {
            "type": BASE + self.name,
            "title": self.name.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.sv if language == "sv" else self.en,
        }
        if instance:
            body["instance"] = instance
        if self.errors:
            body["errors"] = [error.shown(language) for error in self.errors]
        return body | dict(self.extra)


def language_of(request: Request) -> str:
    """`sv` or `en`: what Accept-Language prefers by its weights, then by its order; Swedish when it names neither."""
    return _preferred(request.headers.get("accept-language", ""))


@lru_cache(128)  # browsers send few
def _preferred(languages: str) -> str:
    asked = [
        (_weight(parameters), tag.strip().lower()[:2])
        for tag, _, parameters in (part.partition(";") for part in languages.split(","))
    ]
    known = [(weight, tag) for weight, tag in asked if tag in ("sv", "en") and weight > 0]
    return max(known, key=lambda one: one[0], default=(0.0, "sv"))[1]


def _weight(parameters: str) -> float:
    """The `q` of a language range, 1 without one. A weight that is no number is not asked for."""
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


def answer(request: Request, problem: Problem) -> Response:
    """The response for a problem: a page where pages are, else JSON."""
    if pages := request.scope.get("pages"):
        page: Response = pages.problem(request, problem)
        return page
    root = request.scope.get("root_path", "")
    instance = quote(root + request.scope["path"].removeprefix(root))
    return JSONResponse(
        problem.body(language_of(request), instance),
        status_code=problem.status,
        headers=dict(problem.headers),
        media_type="application/problem+json",
    )


def not_found(what_sv: str, what_en: str) -> Problem:
    """404: does not exist, or is a row of somebody else's: the caller cannot tell which."""
    return Problem(
        "not-found",
        404,
        f"{what_sv} finns inte. Kontrollera id:t.",
        f"{what_en} does not exist. Check the id.",
    )


def forbidden(sv: str = "Din roll får inte göra det här.", en: str = "Your role may not do this.") -> Problem:
    """403: known to exist, but not for this caller."""
    return Problem("forbidden", 403, sv, en)


def invalid(*errors: FieldError) -> Problem:
    """422 with the wrong fields."""
    return Problem(
        "validation",
        422,
        "Uppgifterna kunde inte sparas. Rätta det som är fel och skicka igen.",
        "Nothing was saved. Correct what is wrong and send again.",
        errors,
    )


def unanswerable(*errors: FieldError) -> Problem:
    """422 for a question with wrong parameters."""
    return Problem(
        "validation",
        422,
        "Frågan kan inte besvaras. Rätta det som är fel och fråga igen.",
        "The question cannot be answered. Correct what is wrong and ask again.",
        errors,
    )


def conflict(name: str, sv: str, en: str, **extra: Any) -> Problem:
    """409: contradicts the present state."""
    return Problem(name, 409, sv, en, extra=extra)


def busy(sv: str, en: str, *, seconds: int = 1) -> Problem:
    """503: try again after `seconds`."""
    return Problem("busy", 503, sv, en, headers={"Retry-After": str(seconds)})
