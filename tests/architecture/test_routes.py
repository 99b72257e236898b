"""Everything is denied unless allowed, and nobody but the edge ends a transaction."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.architecture.source import Function, Module, called, modules, offenders

# Savepoints (`begin_nested`) are allowed: they end nothing but themselves.
ENDINGS = ("connection.commit", "connection.rollback", "connection.begin", "engine.begin", "session.commit")
# Done by a command as the owner of the database, like a migration: no request stands behind it.
BY_COMMAND = {"services/reporting/rebuild/schemas.py"}
DOCUMENTS = Path(__file__).parents[2] / "docs" / "contracts"
# Read by a parser of their own, or compared with what is known; none of them is stored as it came.
READ_OTHERWISE = {
    "ce_type", "content_hash", "cursor", "employer_org_number", "file", "file_format", "grant", "if-none-match", "key",
    "known_at", "municipality", "fixed_costs", "cost_per_session", "org_number", "period", "personal_number", "answers",
}  # fmt: skip
METHODS = {"get", "post", "put", "patch", "delete"}
SERVICES = modules("services")


def routes(module: Module) -> Iterator[Function]:
    """Functions that answer a path."""
    for function in module.functions:
        names = [called(decorator) for decorator in function.decorator_list]
        if any(name.rpartition(".")[2] in METHODS and "router" in name for name in names):
            yield function


def declares_roles(function: Function) -> bool:
    defaults = [*function.args.defaults, *(default for default in function.args.kw_defaults if default)]
    return any(isinstance(default, ast.Call) and called(default) == "allow" for default in defaults)


def test_every_route_says_who_may_call_it() -> None:
    def silent(module: Module) -> list[str]:
        return [function.name for function in routes(module) if not declares_roles(function)]

    assert offenders(SERVICES, silent) == {}


def test_routes_are_found_at_all() -> None:
    assert sum(1 for module in SERVICES for _ in routes(module)) > 10


def test_routes_hang_on_the_service_router() -> None:
    """`shared.web.routing.service_router` opens the transaction and checks the role."""
    assert offenders(SERVICES, lambda module: [name for name in calls(module) if name == "APIRouter"]) == {}


def test_use_cases_never_end_a_transaction() -> None:
    def ends(module: Module) -> list[str]:
        return [name for name in calls(module) if name.endswith(ENDINGS)]

    checked = [module for module in SERVICES if "migrations" not in module.path.parts and str(module) not in BY_COMMAND]
    assert offenders(checked, ends) == {}


def test_the_scope_is_set_in_one_place() -> None:
    def sets_scope(module: Module) -> list[str]:
        texts = (node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant))
        return [text for text in texts if isinstance(text, str) and "set_config(" in text]

    assert set(offenders([*SERVICES, *modules("shared")], sets_scope)) == {"shared/database/scope.py"}


def calls(module: Module) -> list[str]:
    """The names of everything that a module calls."""
    return [called(node) for node in ast.walk(module.tree) if isinstance(node, ast.Call)]


def texts(
    schema: Mapping[str, Any], known: Mapping[str, Any], name: str, within: tuple[str, ...] = ()
) -> Iterator[str]:
    """Names of the texts in a schema that say nothing of which characters they take."""
    if "$ref" in schema:
        reference = schema["$ref"].rpartition("/")[2]
        if reference not in within:
            yield from texts(known[reference], known, name, (*within, reference))
    if schema.get("type") == "string" and not schema.keys() & {"format", "enum", "const", "pattern"}:
        yield name
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from texts(one, known, name, within)
    for field, one in schema.get("properties", {}).items():
        yield from texts(one, known, field, within)
    for inner in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(inner), Mapping):
            yield from texts(schema[inner], known, name, within)


def given(operation: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Names of all such texts that a caller may send."""
    for parameter in operation.get("parameters", ()):
        yield from texts(parameter["schema"], known, parameter["name"])
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from texts(content["schema"], known, "body")


def test_every_text_from_outside_says_which_characters_it_takes() -> None:
    """PostgreSQL keeps no zero byte: a text that takes it is refused too late to name the field."""
    any_text: set[str] = set()
    for path in DOCUMENTS.glob("openapi-*.json"):
        document = json.loads(path.read_text("utf-8"))
        for operations in document["paths"].values():
            for operation in operations.values():
                any_text |= set(given(operation, document["components"]["schemas"]))
    assert any_text == READ_OTHERWISE
