"""A module says one thing; a function is about ten lines."""

from statistics import median

from tests.architecture.source import PRODUCT, Function, Module, modules, offenders

MODULE_LINES = 400
FUNCTION_LINES = 40
CHAPTER_LINES = 70
RARELY = 0.03


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


PRODUCT_MODULES = modules(*PRODUCT)


def test_a_module_can_be_read_in_one_go() -> None:
    assert [f"{module}: {module.lines}" for module in PRODUCT_MODULES if module.lines > MODULE_LINES] == []


def test_no_function_is_a_chapter() -> None:
    def chapters(module: Module) -> list[str]:
        return [
            f"{function.name}: {length(function)}" for function in module.functions if length(function) > CHAPTER_LINES
        ]

    assert offenders(PRODUCT_MODULES, chapters) == {}


def test_functions_are_short() -> None:
    lengths = [length(function) for module in PRODUCT_MODULES for function in module.functions]
    assert median(lengths) <= 12
    assert sum(lines > FUNCTION_LINES for lines in lengths) <= RARELY * len(lengths)
