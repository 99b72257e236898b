"""The way into a page: the same admission, idempotency, transaction and business time as a call of the API.

`@router.get` returns a `View`; `@router.post` reads a form by a body, and returns `Done`. A form is sent to the address
of its page: when it is refused, that page is shown again with what was written and what is wrong, by this module alone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.web.errors import problem_of
from shared.web.incoming import Incoming
from shared.web.pages.forms import FormIntake, values_of, with_headers
from shared.web.pages.rendering import NOTICE, SWITCH, Pages, noted, visit
from shared.web.pages.views import Entered, View, entered
from shared.web.problems import Problem
from shared.web.routing import Handle, UnitRoute, present

YEAR: Final = 365 * 24 * 3600
UNAUTHORIZED: Final = 401
# Refusals of a form that its page shows: the others are no matter of what was written.
OF_THE_FORM: Final = frozenset({400, 403, 409, 412, 413, 415, 422, 428, 429, 503})


class Done(RedirectResponse):
    """What a form that was taken leads to, with what the next page says about it: `Done(address, _("Saved."))`."""

    def __init__(self, address: str, notice: str = "", **values: Any) -> None:
        super().__init__(address, status_code=303)
        if notice:
            self.headers[NOTICE] = noted(notice, values)


class PageRoute(UnitRoute):
    """A page, or the form of a page."""

    intake = FormIntake

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, rendered(endpoint), **{**options, "include_in_schema": False, "response_model": None})

    def answering(self) -> Handle:
        answer = super().answering()

        async def handle(request: Request) -> Response:
            pages: Pages = request.app.state.pages
            request = visit(request, pages)
            is_form = request.method == "POST"
            response = await (self._take_form if is_form else self._show)(request, answer, pages)
            return finished(request, response)

        return handle

    async def _show(self, request: Request, answer: Handle, pages: Pages) -> Response:
        kept = pages.sessions.kept(request)
        if kept is not None:
            request.scope["entered"] = Entered(kept)
        try:
            response = await answer(request)
        except Exception as error:
            problem = problem_of(error, "GET")
            if problem is None:
                raise
            if problem.status == UNAUTHORIZED:
                return pages.to_sign_in(request)
            if problem.name == "validation" and request.scope["query_string"] and entered(request).problem is None:
                return await self._without_question(request, problem)
            return pages.problem(request, problem)
        if kept is not None:
            pages.sessions.forget_kept(request, response)
        refused = entered(request).problem
        if refused is not None:
            response.status_code = refused.status
        return response

    async def _without_question(self, request: Request, problem: Problem) -> Response:
        """A list whose filters make no sense is shown without them, and says what was wrong."""
        asked = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        values: dict[str, list[str]] = {}
        for name, value in asked:
            values.setdefault(name, []).append(value)
        return await self._again(request, Entered(values, problem), b"")

    async def _take_form(self, request: Request, answer: Handle, pages: Pages) -> Response:
        values: dict[str, list[str]] = {}
        try:
            raw = await request.body()
            values = await values_of(request)
            return await answer(with_headers(request, values, raw))
        except Exception as error:
            problem = problem_of(error, "POST")
            if problem is None:
                raise
        problem = _at_its_fields(problem, request)
        if problem.status == UNAUTHORIZED:
            return pages.to_sign_in(request, values)
        if problem.status in OF_THE_FORM:
            return await self._again(request, Entered(values, problem), request.scope["query_string"])
        return pages.problem(request, problem)

    async def _again(self, request: Request, shown: Entered, question: bytes) -> Response:
        """The page of this address, with what was entered; the problem alone where it has none."""
        page: PageRoute | None = next((one for one in request.app.routes if _is_page_at(one, self.path)), None)
        assert shown.problem is not None, "it was refused"
        if page is None:
            pages: Pages = request.app.state.pages
            return pages.problem(request, shown.problem)
        headers = [(name, value) for name, value in request.scope["headers"] if not name.startswith(b"content-")]
        scope = {**request.scope, "method": "GET", "query_string": question, "headers": headers, "entered": shown}
        return await page.answer(Incoming(scope, request.receive))


def _at_its_fields(problem: Problem, request: Request) -> Problem:
    """The problem with pointers into the form as it was written."""
    as_written = request.scope.get("as_written", str)
    return replace(problem, errors=[replace(one, pointer=as_written(one.pointer)) for one in problem.errors])


def page_router() -> APIRouter:
    """A router of pages: `@router.get("/boka/…")`, `@router.post("/boka/…")`."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def _is_page_at(route: Any, path: str) -> bool:
    return isinstance(route, PageRoute) and route.path == path and "GET" in (route.methods or ())


def rendered(endpoint: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The endpoint with its view rendered inside its unit of work."""

    @wraps(endpoint)
    async def rendering(**values: Any) -> Any:
        answer = await endpoint(**values)
        if not isinstance(answer, View):
            return answer
        exchange = present()
        pages: Pages = exchange.request.app.state.pages
        frame = await pages.frame(exchange.unit)
        response = pages.render(exchange.request, answer, frame)
        if answer.finish is not None:
            answer.finish(response)
        return response

    return rendering


def finished(request: Request, response: Response) -> Response:
    """Remembers the language that was switched to, and hands what is to be said over to the next page."""
    secure = request.app.state.sessions.secure
    if switched := request.scope.get("switched"):
        response.set_cookie(SWITCH, switched, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
    if notice := response.headers.get(NOTICE):
        del response.headers[NOTICE]
        response.set_cookie(NOTICE, notice, max_age=60, httponly=True, samesite="lax", secure=secure)
    return response
