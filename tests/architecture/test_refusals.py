"""What a refusal says can stand on a page: people read it who have never seen the API."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, modules, offenders

OF_THE_API = re.compile(
    r"\w_\w|\b(?:PATCH|POST|PUT|force|override|policy|waitlist|merge|discard|errors|null|true|UUID)\b|\(\w+-\w+\)|Kursnav-"
)
OF_CALLS_ALONE = {
    "services.attendance.head_counts.problems",
    "services.attendance.marks.problems",  # phones and other programs; pages make the marks themselves
    "services.attendance.walk_ins.problems",
    "services.booking.registrations.bodies",
    "services.booking.trainers.bodies",  # a page says it by its code
    "services.booking.walk_ins.problems",
    "services.reporting.economy.bodies",  # names of the file's columns
    "services.reporting.goals.replace",  # pages offer the figures that there are
}
"""Whose words a program reads: no page leads there."""
NO_REFUSALS = {
    "services.booking.allocation.tables",
    "services.booking.notices.texts",
    "services.booking.sessions.bodies",
}


def sentences(tree: ast.Module) -> Iterator[str]:
    """Swedish sentences, with a gap where a value is put in."""
    within: set[int] = set()
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            within |= set(map(id, parts))
            found.append("…".join(str(part.value) for part in parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            found.append(node.value)
    return (one for one in found if re.search("[åäöÅÄÖ]", one) and one.endswith(".") and "\n" not in one)


def test_no_refusal_that_a_page_shows_speaks_of_the_api() -> None:
    checked = [one for one in modules("services") if one.name not in OF_CALLS_ALONE | NO_REFUSALS]
    assert len(checked) > 100

    def rule(module: Module) -> list[object]:
        return [one for one in sentences(module.tree) if OF_THE_API.search(one)]

    assert offenders(checked, rule) == {}


@pytest.mark.parametrize(
    "text",
    ['"Välj policyn any, så går det: at_least går också."', 'f"Numret har {one}: slå ihop dem (wrong-person) då."'],
)
def test_the_check_sees_such_a_sentence(text: str) -> None:
    [found] = sentences(ast.parse(text))
    assert OF_THE_API.search(found)
