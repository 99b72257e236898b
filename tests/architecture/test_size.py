"""A module says one thing; a function is about ten lines."""

from statistics import median

from tests.architecture.source import PRODUCT, Function, modules

MODULE_LINES = 400
FUNCTION_LINES = 40
LONG = {
    "tests/integration/reporting/test_reports.py test_a_report_from_order_to_correction": "one report's whole life",
    "tests/integration/infra/test_stalled.py test_a_consumer_that_hangs_makes_its_process_start_again": "one scene",
    "tests/integration/messaging/test_back_pressure.py test_memory_stays_small_and_nothing_is_lost": "one scene",
    "tests/support/notes.py notes_router": "the calls of one small service",
    "tests/unit/services/reporting/reports/sample.py figures": "a document, written down",
}
"""Functions that are longer, and why that reads better than pieces would."""


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


PRODUCT_MODULES = modules(*PRODUCT)
ALL_MODULES = [*PRODUCT_MODULES, *modules("tests")]


def test_a_module_can_be_read_in_one_go() -> None:
    assert [f"{module}: {module.lines}" for module in ALL_MODULES if module.lines > MODULE_LINES] == []


def test_a_long_function_is_named_here_with_its_reason() -> None:
    """Also the other way: whatever has become short is no exception any more."""
    long = {
        f"{module} {function.name}"
        for module in ALL_MODULES
        for function in module.functions
        if length(function) > FUNCTION_LINES
    }
    assert long == set(LONG)


def test_functions_are_short() -> None:
    assert median(length(function) for module in PRODUCT_MODULES for function in module.functions) <= 12
