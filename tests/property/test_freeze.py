"""Freezing: the same facts give the same report, in whatever order they are read; and no row can be changed unseen."""

import random
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.recompute.model import Facts
from services.reporting.reports.changes import Version, compare
from services.reporting.reports.content import Content, flat
from services.reporting.reports.formats.render_csv import render_csv
from services.reporting.reports.formats.render_html import render_html
from services.reporting.reports.formats.render_json import render_json
from services.reporting.reports.frame import present
from services.reporting.reports.freeze import content_from
from services.reporting.reports.reconcile import problems_of
from services.reporting.reports.rows import InputRow, facts_of, hash_of, rows_of
from services.reporting.reports.verify import verify
from tests.property.test_facts import stories
from tests.support.reports import order
from tests.support.story import Story

ORDER = order(texts={"Rubrik": "Text"})
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def frozen(rows: tuple[InputRow, ...], period: str = "2025") -> Content:
    content = content_from(replace(ORDER, period=period), facts_of(rows, ORDER.cut_off, None), rows, {})
    return replace(content, figures=content.figures | {"suppressed": []})


def shuffled(facts: Facts, seed: int) -> Facts:
    """The same facts, each collection in another order."""
    order = random.Random(seed)
    collections = [one.name for one in fields(facts) if isinstance(getattr(facts, one.name), tuple)]
    mixed: dict[str, Any] = {
        name: tuple(order.sample(getattr(facts, name), len(getattr(facts, name)))) for name in collections
    }
    return replace(facts, **mixed)


def files(content: Content) -> tuple[bytes, ...]:
    """The formats that cost nothing to make; the others show the same cells."""
    return render_json(content), render_csv(content), render_html(present(content))


@quick
@given(stories(), st.integers(0, 2**31))
def test_the_order_in_which_facts_are_read_shows_nowhere(story: Story, seed: int) -> None:
    facts = story.facts()
    rows, others = rows_of(facts), rows_of(shuffled(facts, seed))
    assert rows == others
    assert frozen(rows).hash == frozen(others).hash
    assert files(frozen(rows)) == files(frozen(others))


@quick
@given(stories())
def test_rows_are_the_facts_and_nothing_is_lost(story: Story) -> None:
    rows = rows_of(story.facts())
    assert rows_of(facts_of(rows, {}, None)) == rows
    assert len(set(rows)) == len(rows)


@quick
@given(stories())
def test_every_report_reconciles_and_verifies(story: Story) -> None:
    rows = rows_of(story.facts())
    content = frozen(rows)
    assert problems_of(content) == []
    verdict = verify(content.document(), rows, {})
    assert (verdict.reconciles, verdict.hash_matches, verdict.problems) == (True, True, [])


@quick
@given(stories(), st.data())
def test_no_row_can_be_taken_or_changed_unseen(story: Story, data: st.DataObject) -> None:
    rows = rows_of(story.facts())
    document = frozen(rows).document()
    index = data.draw(st.integers(0, len(rows) - 1))
    without = (*rows[:index], *rows[index + 1 :])
    doubled = (*rows, rows[index])
    for wrong in (without, doubled):
        assert hash_of(wrong) != document["rows"]["hash"]
        assert not verify(document, wrong, {}).hash_matches


@quick
@given(stories(), st.data())
def test_no_figure_can_be_changed_unseen(story: Story, data: st.DataObject) -> None:
    """Its hash tells that something was; the rows tell what, also when somebody has recomputed the hash."""
    rows = rows_of(story.facts())
    content = frozen(rows)
    path = data.draw(st.sampled_from(sorted(path for path in flat(content) if path.startswith("minutes."))))
    changed = replace(content, figures=with_another(content.figures, path.split(".")))
    assert changed.figures != content.figures

    assert not verify({**changed.document(), "hash": content.hash}, rows, {}).hash_matches
    verdict = verify(changed.document(), rows, {})
    assert (verdict.reconciles, verdict.hash_matches) == (False, True)
    assert any(problem.startswith(f"{path}: the rows give") for problem in verdict.problems)


def with_another(figures: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The figures, one of which is another number."""
    name, *inner = path
    return {**figures, name: with_another(figures[name], inner) if inner else (figures[name] or 0) + 1}


@quick
@given(stories(), st.integers(0, 40))
def test_a_comparison_names_exactly_what_differs_and_when_it_began(story: Story, split: int) -> None:
    """An older and a newer report of the same story, cut anywhere."""
    earlier = story.facts(story.told[: max(1, len(story.told) - split)])
    old, new = (Version(frozen(rows), rows) for rows in (rows_of(earlier), rows_of(story.facts())))
    comparison = compare(old, new)
    before, after = (
        {path: value for path, value in flat(version.content).items() if not path.startswith("months.")}
        for version in (old, new)
    )
    assert {one.figure for one in comparison.changes} == {
        path for path in before | after if before.get(path) != after.get(path)
    }
    assert all(one.old == before.get(one.figure) and one.new == after.get(one.figure) for one in comparison.changes)
    assert not [one.figure for one in comparison.changes if not one.cause]
    assert comparison.resend == sorted(comparison.resend)
    if comparison.resend:
        assert comparison.resend[-1] == "2025-12"
    attested = [
        month["month"]
        for month, other in zip(new.content.months, old.content.months, strict=True)
        if month["attested"] != other["attested"]
    ]
    assert set(attested) <= set(comparison.resend)
