"""One vocabulary: a thing has the same name and the same place in every folder.

What a call takes is named `…Body` (a change of what exists: `…Patch`), what it returns `…Shown`. Calls stand in
`http.py`, their shapes in `bodies.py`, tables in `tables.py`; a use case is a file whose name is its verb.
"""

import ast
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.web.cursors import Listing
from tests.architecture.source import Module, called, modules, offenders
from tests.architecture.test_bodies import models, served
from tests.architecture.test_routes import routes

TAKEN, RETURNED = ("Body", "Patch"), ("Shown", "Body")  # a body may be shown again inside an answer, as it came
# The questions are data of the project's: they are returned as they are kept.
DEFINITIONS = "services.attendance.surveys.definitions"
OTHER_WORDS = {
    *("api", "routes", "endpoints", "views", "controllers", "handlers"),  # http
    *("dto", "schema", "schemas", "serializers", "payloads", "requests", "responses"),  # bodies
    *("entities", "orm", "models"),  # tables
    *("errors", "exceptions"),  # problems
    *("repository", "repositories", "dao", "sql", "selectors"),  # queries
    *("utils", "helpers", "common", "misc", "service", "services", "manager", "managers"),  # nothing
}
NOUNS = [
    module for module in modules("services", "shared/audit", "shared/jobs") if "migrations" not in module.path.parts
]
PROBLEMS = {"Problem", "FieldError", "busy", "conflict", "forbidden", "invalid", "not_found", "unanswerable"}
# What a migration makes, and schemas of PostgreSQL: no shapes of calls.
ANOTHER_MEANING = {"shared/jobs/schema.py", "services/reporting/rebuild/schemas.py"}


def misnamed(route: APIRoute) -> Iterator[str]:
    """Names of what a route takes and returns that say neither."""
    taken = [model for part in route.dependant.body_params for model in models(part.field_info.annotation)]
    yield from (model.__name__ for model in taken if not model.__name__.endswith(TAKEN))
    for model in set(models(route.response_model)):
        exempt = issubclass(model, Listing) or model.__module__ == DEFINITIONS
        if not exempt and not model.__name__.endswith(RETURNED):
            yield model.__name__


def test_what_calls_take_and_return_says_so_by_its_name() -> None:
    found = {f"{min(route.methods or ())} {route.path}": list(misnamed(route)) for route in served()}
    assert {call: names for call, names in found.items() if names} == {}


def test_an_answer_is_shown() -> None:
    """`…Body` comes in: an answer as a whole is none."""
    wholes = {route.response_model.__name__ for route in served() if is_model(route.response_model)}
    assert {name for name in wholes if name.endswith(TAKEN)} == set()


def is_model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def test_calls_stand_in_http() -> None:
    checked = [module for module in NOUNS if module.path.name not in ("http.py", "pages.py")]
    assert offenders(checked, lambda module: [function.name for function in routes(module)]) == {}


def test_shapes_stand_in_bodies() -> None:
    checked = [module for module in NOUNS if module.path.name != "bodies.py" and module.name != DEFINITIONS]
    assert offenders(checked, lambda module: [one.name for one in classes(module, "BaseModel", "Body")]) == {}


def test_tables_stand_in_tables() -> None:
    def tables(module: Module) -> list[str]:
        return [one.name for one in classes(module) if any(word.arg == "table" for word in one.keywords)]

    assert offenders([module for module in NOUNS if module.path.name != "tables.py"], tables) == {}


def test_problems_that_several_raise_stand_in_problems() -> None:
    """Texts of one use case's own may stand in its file, under a private name."""
    checked = [module for module in NOUNS if module.path.name != "problems.py" and str(module).startswith("services")]
    assert offenders(checked, problems_made) == {}


def problems_made(module: Module) -> Iterator[str]:
    """Public functions that do nothing but make a problem."""
    for function in module.functions:
        made = {called(node.value) for node in ast.walk(function) if isinstance(node, ast.Return) and node.value}
        if made and made <= PROBLEMS and not function.name.startswith("_"):
            yield function.name


def test_no_file_is_called_otherwise_than_its_kind() -> None:
    found = {str(module) for module in NOUNS if set(module.name.split(".")[1:]) & OTHER_WORDS}
    assert found == ANOTHER_MEANING


def classes(module: Module, *bases: str) -> list[ast.ClassDef]:
    """The classes of a module, those with one of these bases only when any are given."""
    found = [node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    return [one for one in found if not bases or {called(base) for base in one.bases} & set(bases)]


class SealOut(BaseModel):
    """A name of the kind that the rule refuses."""


@pytest.mark.parametrize("shape", [SealOut, list[SealOut], Listing[SealOut]])
def test_the_check_sees_another_name(shape: type) -> None:
    async def endpoint() -> None:
        """Any call."""

    assert list(misnamed(APIRoute("/seals", endpoint, response_model=shape))) == ["SealOut"]
