"""What becomes of the rows of a table that is taken in as a whole."""

from services.reporting.competence.bodies import SheetCellBody
from services.reporting.competence.enter import REQUIRED
from services.reporting.file_tables.plan import Plan, plan
from shared.imports.table import Row, Table

HEAD = ("organisation", "occupation", "level")
Seen = Plan[tuple[str, str], str]


def planned(*cells: tuple[str, str, str], known: dict[tuple[str, str], str] | None = None) -> Seen:
    rows = [Row(number, dict(zip(HEAD, one, strict=True))) for number, one in enumerate(cells, start=2)]
    return plan(Table(HEAD, tuple(rows)), SheetCellBody, REQUIRED, lambda one: (one.place, one.level), known or {})


def outcomes(found: Seen) -> list[tuple[int, str]]:
    return [(fate.row, fate.outcome) for fate in found.fates]


def test_each_row_creates_changes_or_leaves_a_cell() -> None:
    known = {("Nora", "nurse"): "shortage", ("Nora", "cook"): "surplus"}
    found = planned(
        ("Nora", "nurse", "brist"), ("Nora", "cook", "Hållbart"), ("Laxå", "cook", "vulnerable"), known=known
    )
    assert outcomes(found) == [(2, "unchanged"), (3, "update"), (4, "create")]
    assert found.changes == {("Nora", "cook"): "sustainable", ("Laxå", "cook"): "vulnerable"}


def test_a_row_alike_is_no_second_one_and_one_that_contradicts_is_wrong() -> None:
    found = planned(("Nora", "nurse", "brist"), ("Nora", "nurse", "shortage"), ("Nora", "nurse", "surplus"))
    assert outcomes(found) == [(2, "create"), (3, "unchanged"), (4, "error")]
    assert "Row 2" in found.fates[2].errors[0].en
    assert not found.is_good


def test_a_cell_that_means_nothing_is_named() -> None:
    found = planned(("Nora", "nurse", "ok"))
    assert [error.pointer for error in found.fates[0].errors] == ["/level"]
