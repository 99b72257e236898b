"""Habits of the house that no general linter knows."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import PRODUCT, ROOT, Module, called, modules, offenders

ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links")
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), *sorted((ROOT / "infra").rglob("*.lock"))]


def sleeps(module: Module) -> list[int]:
    """Lines that sleep."""
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if called(call) in ("time.sleep", "asyncio.sleep", "sleep", "anyio.sleep")]


def test_tests_wait_for_what_they_need_and_do_not_sleep() -> None:
    """`tests.support.eventually` waits for a condition and says what it waited for."""
    assert offenders([module for module in modules("tests") if "support" not in module.path.parts], sleeps) == {}


def test_the_sleep_check_sees_one(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text("import asyncio\nasync def f():\n    await asyncio.sleep(1)\n")
    assert sleeps(Module(file)) == [3]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_an_address(lock: Path) -> None:
    """Anybody's mirror must work."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if ADDRESS.search(line)]


def test_the_locks_are_found() -> None:
    assert {"run.txt", "test.txt"} <= {path.name for path in LOCKS}


def test_nothing_is_left_to_do_without_an_owner() -> None:
    words = re.compile("|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b")))
    assert offenders(modules(*PRODUCT, "tests"), lambda module: words.findall(module.text)) == {}


def test_every_module_says_what_it_is_for() -> None:
    checked = [module for module in modules(*PRODUCT) if module.tree.body and "migrations" not in module.path.parts]
    assert [str(module) for module in checked if not ast.get_docstring(module.tree)] == []


def test_no_error_is_swallowed() -> None:
    def silent(handler: ast.ExceptHandler) -> bool:
        broad = handler.type is None or called(handler.type) in ("Exception", "BaseException")
        return broad and all(isinstance(step, ast.Pass | ast.Continue) for step in handler.body)

    def swallowed(module: Module) -> list[int]:
        handlers = (node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler))
        return [handler.lineno for handler in handlers if silent(handler)]

    assert offenders(modules(*PRODUCT), swallowed) == {}


def test_lists_reach_the_database_as_one_array() -> None:
    """PostgreSQL takes 32,767 parameters a statement, and `in_` sends one a value: `shared.database.conditions`."""

    def lists(module: Module) -> list[int]:
        calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
        return [call.lineno for call in calls if called(call).rpartition(".")[2] in ("in_", "not_in", "notin_")]

    assert offenders(modules(*PRODUCT), lists) == {}
