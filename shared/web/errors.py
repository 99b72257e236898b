"""Every refusal and every fault as problem+json: what the framework, the database and the code raise."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from shared.database.errors import (
    DEADLOCK,
    FOREIGN_KEY_VIOLATION,
    LOCK_NOT_AVAILABLE,
    SERIALIZATION_FAILURE,
    UNIQUE_VIOLATION,
    is_transient,
    sqlstate,
)
from shared.database.transaction import OutcomeUnknown, Saved
from shared.web.problems import FieldError, Problem, answer, busy, invalid, unanswerable
from shared.web.sentences import swedish

log = structlog.get_logger(__name__)

HTTP_PROBLEMS = {
    404: ("not-found", "Adressen finns inte.", "There is nothing at this address."),
    405: ("method-not-allowed", "Metoden kan inte användas här.", "The method cannot be used here."),
    408: ("request-timeout", "Anropet kom för långsamt. Försök igen.", "The request came too slowly. Try again."),
    413: ("body-too-large", "Innehållet är större än {0}. Dela upp det.", "The body is larger than {0}. Split it."),
    415: ("unsupported-media-type", "Skicka application/json.", "Send application/json."),
    429: ("too-many-requests", "För många anrop. Vänta en stund.", "Too many requests. Wait a moment."),
}
NOT_ALLOWED = 405
UNFIT = ("22", "54")  # classes of SQLSTATEs: values of the wrong form; values beyond a limit of PostgreSQL
MALFORMED = ("malformed", "Anropet går inte att läsa.", "The request cannot be read.")


LOCKED = busy(
    "Någon annan ändrar samma sak just nu. Försök igen.",
    "Somebody else is changing the same thing. Try again.",
)
UNAVAILABLE = busy(
    "Databasen svarar inte just nu. Inget har sparats. Försök igen.",
    "The database does not answer right now. Nothing was saved. Try again.",
    seconds=2,
)
OUTCOME_UNKNOWN = busy(
    "Förbindelsen med databasen bröts medan det sparades: allt är sparat eller inget. Skicka samma anrop igen med "
    "samma Idempotency-Key, eller hämta och se efter.",
    "The connection to the database broke while saving: all of it was saved, or nothing. Send the same request again "
    "with the same Idempotency-Key, or read it and look.",
    seconds=2,
)
# Two requests at the same instant: the other one was first. Repeated, this one sees what it did.
CONCURRENT = Problem(
    "concurrent-change",
    409,
    "Någon annan sparade samma sak i samma ögonblick. Hämta på nytt och försök igen.",
    "Somebody else saved the same thing at the same moment. Read it again and retry.",
)
FAULT = Problem(
    "internal-error",
    500,
    "Något gick fel hos oss. Inget har sparats. Försök igen, och hör av dig om det upprepas.",
    "Something went wrong on our side. Nothing was saved. Try again, and tell us if it happens again.",
)
FAULT_AFTERWARDS = Problem(
    "internal-error",
    500,
    "Det sparades, men sedan gick något fel hos oss. Skicka samma anrop igen med samma Idempotency-Key, eller hämta "
    "och se efter.",
    "It was saved, but then something went wrong on our side. Send the same request again with the same "
    "Idempotency-Key, or read it and look.",
)
UNFIT_VALUE = Problem(
    "invalid-value",
    422,
    "Ett värde är för stort eller innehåller tecken som inte kan sparas. Rätta det och skicka igen.",
    "A value is too large or holds characters that cannot be stored. Correct it and send again.",
)


def install(app: Starlette) -> None:
    """Gives an application its handlers."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(KafkaError, _broker)
    app.add_exception_handler(Exception, _fault)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer(request, error)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request, validation_problem(error, request.method))


def validation_problem(error: RequestValidationError, method: str) -> Problem:
    """What is told of a question or a body that is wrong in itself."""
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return Problem(
            "malformed",
            400,
            "Innehållet är inte giltig JSON. Kontrollera citattecken och kommatecken.",
            "The body is not valid JSON. Check quotes and commas.",
        )
    errors = [field_error(fault) for fault in faults]
    return unanswerable(*errors) if method == "GET" else invalid(*errors)


def problem_of(error: Exception, method: str) -> Problem | None:
    """What a caller is told about an error; None for a fault of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return validation_problem(error, method)
    if isinstance(error, HTTPException):
        return http_problem(error.status_code, error.headers, error.detail)
    return refusal_of(error) if isinstance(error, DBAPIError | PoolTimeout) else None


def field_error(fault: dict[str, Any]) -> FieldError:
    """A framework's fault as a field error; the rejected value itself is never repeated."""
    kind, english = str(fault["type"]), str(fault["msg"]).removeprefix("Value error, ")
    context = fault.get("ctx", {})
    place = (*fault["loc"], context["at"]) if context.get("at") else fault["loc"]
    return FieldError(pointer(place), kind, swedish(kind, context), english)


def pointer(location: Sequence[Any]) -> str:
    """JSON pointer into the body; other places begin with `/query`, `/path` or `/header`."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    return "".join(f"/{part}" for part in (parts[1:] if parts[:1] == ["body"] else parts))


def http_problem(status: int, headers: Mapping[str, str] | None = None, detail: str = "") -> Problem:
    """The problem for a status of HTTP's own. `detail`: what its sentence leaves open, such as the limit."""
    name, sv, en = HTTP_PROBLEMS.get(status, MALFORMED)
    return Problem(name, status, sv.format(detail), en.format(detail), headers=dict(headers or {}))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return answer(request, http_problem(error.status_code, headers, error.detail))


def _methods(request: Request) -> list[str]:
    """All methods of a path: the framework names those of the first route that has it."""
    found = {
        method
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return sorted(found)


async def _gone(request: Request, error: Exception) -> Response:
    """The caller left before its body was complete: nobody reads this, and nothing was begun."""
    return answer(request, http_problem(400))


async def _broker(request: Request, error: Exception) -> Response:
    """Only questions about the broker wait for it (position, cut-off); bookings go on without."""
    log.warning("broker_unavailable", error=type(error).__name__)
    return answer(
        request,
        busy(
            "Meddelandetjänsten Kafka svarar inte just nu. Försök igen.",
            "The message broker, Kafka, does not answer right now. Try again.",
            seconds=2,
        ),
    )


async def _database(request: Request, error: Exception) -> Response:
    refusal = refusal_of(error)
    if refusal is None:
        return await _fault(request, error)
    if refusal in (UNAVAILABLE, OUTCOME_UNKNOWN):
        log.warning("database_unavailable", error=type(error).__name__, sqlstate=sqlstate(error))
    return answer(request, refusal)


def refusal_of(error: Exception) -> Problem | None:
    """What a caller is told about an error of the database; None for a fault of ours."""
    state = sqlstate(error) or ""
    if state in (LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION_FAILURE):
        return LOCKED
    if isinstance(error, OutcomeUnknown):
        return OUTCOME_UNKNOWN
    if is_transient(error):
        return UNAVAILABLE
    if state in (UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION):
        return CONCURRENT
    return UNFIT_VALUE if state.startswith(UNFIT) else None


async def _fault(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, error=type(error).__name__, exc_info=error)
    return answer(request, FAULT_AFTERWARDS if isinstance(error, Saved) else FAULT)
