"""The project's own source, parsed."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("services", "shared", "infra")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of Python."""

    path: Path

    @property
    def name(self) -> str:
        """The import name: `services.booking.sessions.seats`."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def text(self) -> str:
        return _text(self.path)

    @property
    def tree(self) -> ast.Module:
        return _tree(self.path)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def imports(self) -> frozenset[str]:
        """Names of imported modules; `from a import b` gives `a.b`, so that submodules are seen."""
        return _imports(self.path)

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path), str(path))


@cache
def _imports(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def modules(*folders: str) -> list[Module]:
    """Every module below the folders, sorted by path."""
    return [Module(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def offenders(checked: Iterable[Module], rule: Callable[[Module], Iterable[object]]) -> dict[str, list[object]]:
    """What breaks a rule, by file; empty when all keep it."""
    found = {str(module): list(rule(module)) for module in checked}
    return {file: broken for file, broken in found.items() if broken}


@cache
def file_of(name: str) -> Path | None:
    """The file that defines an imported name: of the module itself, or of the module that holds the name."""
    for parts in (name.split("."), name.split(".")[:-1]):
        for candidate in (ROOT.joinpath(*parts).with_suffix(".py"), ROOT.joinpath(*parts, "__init__.py")):
            if parts and candidate.is_file():
                return candidate
    return None


def called(node: ast.expr) -> str:
    """The name by which something is called: `asyncio.sleep`, `allow`, `router.get`; empty for anything else."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute):
        return f"{called(target.value)}.{target.attr}".lstrip(".")
    return target.id if isinstance(target, ast.Name) else ""
