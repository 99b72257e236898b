"""Everything is denied unless allowed, and nobody but the edge ends a transaction."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Function, Module, called, modules, offenders

# Savepoints (`begin_nested`) are allowed: they end nothing but themselves.
ENDINGS = ("connection.commit", "connection.rollback", "connection.begin", "engine.begin", "session.commit")
# Done by a command as the owner of the database, like a migration: no request stands behind it.
BY_COMMAND = {"services/reporting/facts/schemas.py"}
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
