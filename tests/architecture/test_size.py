"""A module says one thing; a function is about ten lines."""

from statistics import median

from tests.architecture.source import PRODUCT, Function, modules

MODULE_LINES = 400
FUNCTION_LINES = 40


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


PRODUCT_MODULES = modules(*PRODUCT)
ALL_MODULES = [*PRODUCT_MODULES, *modules("tests")]


def test_a_module_can_be_read_in_one_go() -> None:
    assert [f"{module}: {module.lines}" for module in ALL_MODULES if module.lines > MODULE_LINES] == []


def test_no_function_is_long() -> None:
    long = {
        f"{module} {function.name}": length(function)
        for module in ALL_MODULES
        for function in module.functions
        if length(function) > FUNCTION_LINES
    }
    assert long == {}


def test_functions_are_short() -> None:
    assert median(length(function) for module in PRODUCT_MODULES for function in module.functions) <= 12
