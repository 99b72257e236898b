"""Rows of a table that a phone shows as blocks."""

from markupsafe import Markup

from shared.web.pages.tables import stacking

COLUMNS = [["Who"], ["Workplace"], ["<Why>", "why"], ["Change"]]


def test_each_cell_says_what_its_column_is() -> None:
    row = '<tr class="a"><th scope="row">Bo</th><td class="b">Solgården</td><td>Hen &amp; hon</td><td>\n  </td></tr>'
    assert stacking(Markup(row), COLUMNS) == (
        '<tr role="row" class="a"><th role="rowheader" scope="row">Bo</th>'
        '<td role="cell" data-label="Workplace" class="b">Solgården</td>'
        '<td role="cell" data-label="&lt;Why&gt;">Hen &amp; hon</td>'
        '<td role="cell" data-label="Change"></td></tr>'
    )


def test_a_row_begins_anew_and_what_only_looks_like_a_cell_is_left_alone() -> None:
    rows = Markup("<tr><th>Bo</th></tr><tr><th>Eva</th><td><thing></thing></td></tr>")
    shown = stacking(rows, COLUMNS)
    assert shown.count('data-label="Workplace"') == 1
    assert "<thing>" in shown


def test_a_heading_with_markup_labels_its_cells_by_its_words() -> None:
    columns: list[list[str]] = [["Who"], [Markup('27 nov., <span class="app-time">kl. 08.30–10.30</span> &amp; on')]]
    shown = stacking(Markup("<tr><th>Bo</th><td>Present</td></tr>"), columns)
    assert '<td role="cell" data-label="27 nov., kl. 08.30–10.30 &amp; on">Present</td>' in shown


def test_an_act_that_is_called_as_its_column_stands_alone() -> None:
    acts = '<td class="b">\n <ul><li><a href="/x">Change<span class="hidden"> Bo</span></a></li></ul></td>'
    other = '<td><a href="/y">Change it</a></td>'
    for cells, labelled in ((acts, 0), (other, 1)):
        shown = stacking(Markup(f"<tr><th>Bo</th><td>Solgården</td><td>Change</td>{cells}</tr>"), COLUMNS)
        assert shown.count('data-label="Change"') == labelled
        assert 'data-label="&lt;Why&gt;">Change<' in shown
