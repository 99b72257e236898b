"""Each call names the problems by which its code refuses, and no document names one that nothing raises."""

import ast
from collections.abc import Iterator
from functools import cache

import httpx2
import pytest

from infra.settings import SERVICES
from shared.web.openapi import PROBLEM_JSON, names_in
from shared.web.problems import conflict
from tests.architecture.source import Function, Module, called, modules
from tests.architecture.test_routes import METHODS, routes
from tests.support.documented import answers_as_documented, paths_of

CODE = {module.name: module for module in modules("services")}
DECLARED = {"shared.web.openapi"}  # says of which kinds of calls a problem is, and raises none
# What http-api.md fixes, of the calls that exist.
FIXED = {
    "session-full", "already-registered", "overlapping-registration", "not-in-target-group", "prerequisite-missing",
    "not-employed-then", "registration-not-open", "session-cancelled", "session-started", "session-completed",
    "group-not-complete", "trainer-busy", "trainer-not-qualified", "coordinator-only", "roll-attested", "in-the-past",
    "personal-number", "use-reschedule", "roll-changed", "unresolved-conflicts", "held-marks", "session-not-over",
    "period-too-fine", "period-outside-project", "period-not-begun",
}  # fmt: skip
# What a session refuses by; a file is told so row by row, and answered 200.
OF_ROWS = {"session-cancelled", "session-completed", "session-started", "registration-not-open", "outside-project"}
# What is said of a session or of a part of it, in an answer of 200.
OF_PARTS = {"not-found", "session-cancelled", "walk-in-id-taken", "head-count-id-reused"}
# A call may reach code that refuses otherwise than here: it has made sure of that before.
NEVER = {
    *(("/v1/registrations/import", name) for name in OF_ROWS),
    *(("/v1/sync", name) for name in OF_PARTS),
    ("/v1/project", "project-missing"),  # it is entered by this call
    ("/v1/sessions/{session_id}/queue/move", "registration-not-open"),  # who waits has been registered
    ("/v1/reservations/{reservation_id}/names", "registration-not-open"),  # the seats are held
    ("/v1/registrations/{registration_id}/substitute", "registration-not-open"),  # nor is this a new registration
}


def documented(service: str) -> Iterator[tuple[str, str, set[str]]]:
    """Every call of a service, method and path, with its problems."""
    for path, operations in paths_of(service).items():
        for method, operation in operations.items():
            yield method, path, {name for answer in operation["responses"].values() for name in names_in(answer)}


def documented_anywhere() -> set[str]:
    return {name for service in SERVICES for _, _, names in documented(service) for name in names}


@cache
def definitions(module: str) -> dict[str, ast.stmt]:
    """What a module defines, by name."""
    found: dict[str, ast.stmt] = {}
    for node in CODE[module].tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            found[called(target)] = node
    return found


@cache
def names_of(module: str) -> dict[str, str]:
    """What a module's own names stand for: `module.name`."""
    own = {name: f"{module}.{name}" for name in definitions(module)}
    for node in ast.walk(CODE[module].tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            own |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return own


def reached(module: str, node: ast.AST, seen: set[str]) -> Iterator[str]:
    """The problems that code may raise, itself or in what it names, whose names it writes out."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield from raised(module, part)
        if isinstance(part, ast.Name | ast.Attribute):
            yield from reached_by_name(module, called(part), seen)


def reached_by_name(module: str, name: str, seen: set[str]) -> Iterator[str]:
    first, _, rest = name.partition(".")
    target = names_of(module).get(first, "")
    for full in (f"{target}.{rest}".rstrip("."), target):
        owner, _, defined = full.rpartition(".")
        if full not in seen and owner in CODE and defined in definitions(owner):
            seen.add(full)
            yield from reached(owner, definitions(owner)[defined], seen)


def raised(module: str, call: ast.Call) -> Iterator[str]:
    kind = called(call).rpartition(".")[2]
    if kind in ("Problem", "conflict", "_wrong_period") and isinstance(call.args[0], ast.Constant):
        yield str(call.args[0].value)


def path_of(function: Function) -> tuple[str, str]:
    """Method and path of a route."""
    for decorator in function.decorator_list:
        method = called(decorator).rpartition(".")[2]
        if method in METHODS and isinstance(decorator, ast.Call):
            path = decorator.args[0]
            assert isinstance(path, ast.Constant)
            return method, str(path.value)
    raise AssertionError(function.name)


def calls() -> Iterator[tuple[str, Module, Function]]:
    """Every call of the API with its service; pages stand in no document."""
    for module in (one for one in modules("services") if one.path.name != "pages.py"):
        for function in routes(module):
            yield str(module).split("/")[1], module, function


@pytest.mark.parametrize(("service", "module", "function"), [pytest.param(*one, id=one[2].name) for one in calls()])
def test_a_call_names_the_problems_that_its_code_raises(service: str, module: Module, function: Function) -> None:
    wanted = path_of(function)
    [names] = [names for method, path, names in documented(service) if (method, path) == wanted]
    found = {name for name in reached(module.name, function, set()) if (wanted[1], name) not in NEVER}
    assert found - names == set()


def test_a_problem_is_reached_through_the_functions_of_a_use_case() -> None:
    [(_, module, function)] = [one for one in calls() if one[2].name == "post_reschedule"]
    assert {"roll-attested", "trainer-busy", "overlapping-registration", "in-the-past"} <= set(
        reached(module.name, function, set())
    )


async def test_an_answer_that_is_not_documented_fails_the_test_that_met_it() -> None:
    await answers_as_documented(refusal("code-taken"))
    with pytest.raises(AssertionError, match="session-full"):
        await answers_as_documented(refusal("session-full"))
    with pytest.raises(AssertionError, match="418"):
        await answers_as_documented(httpx2.Response(418, request=refusal("code-taken").request))


def refusal(name: str) -> httpx2.Response:
    """What `POST /booking/v1/courses` answers by a problem."""
    problem = conflict(name, "", "").body("en")
    request = httpx2.Request("POST", "http://kursnav.test/booking/v1/courses")
    return httpx2.Response(409, headers={"Content-Type": PROBLEM_JSON}, json=problem, request=request)


def test_documents_name_only_problems_that_exist() -> None:
    texts = {
        node.value
        for module in modules("services", "shared")
        if module.name not in DECLARED
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
    }
    assert documented_anywhere() - texts == set()


def test_what_is_promised_is_documented() -> None:
    assert FIXED - documented_anywhere() == set()
