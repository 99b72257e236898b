"""The split of the commitment, whatever is entered."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.booking.catalogue.rules import Statement, commitments
from shared.apportioning import largest_remainder

CODES = st.sampled_from(
    ["1814", "1860", "1861", "1862", "1863", "1864", "1880", "1881", "1882", "1883", "1884", "1885"]
)
DAYS = st.integers(0, 900).map(lambda days: date(2025, 1, 1) + timedelta(days=days))
STATEMENTS = st.lists(
    st.builds(
        Statement,
        municipality=CODES,
        valid_from=DAYS,
        employees=st.integers(1, 20_000),
        minutes=st.none() | st.integers(0, 3_000_000),
    ),
    unique_by=lambda statement: (statement.municipality, statement.valid_from),
    max_size=20,
)


@given(st.integers(0, 10**9), st.dictionaries(CODES, st.integers(0, 10**6), min_size=1))
def test_parts_sum_exactly_and_are_less_than_one_from_their_quota(total: int, weights: dict[str, int]) -> None:
    parts = largest_remainder(total, weights)
    assert sum(parts.values()) == total
    whole = sum(weights.values())
    if whole:
        assert all(abs(parts[key] * whole - total * weight) < whole for key, weight in weights.items())


@given(st.integers(0, 5_000_000), STATEMENTS)
def test_on_every_day_computed_and_explicit_commitments_sum_to_the_projects(
    project: int, statements: list[Statement]
) -> None:
    history = commitments(project, statements)
    for day in {statement.valid_from for statement in statements}:
        now = {each.municipality: each for each in history if each.valid_from <= day}
        explicit = sum(each.minutes for each in now.values() if not each.computed)
        computed = [each.minutes for each in now.values() if each.computed]
        if computed:
            assert sum(computed) == max(0, project - explicit)


@given(st.integers(0, 5_000_000), STATEMENTS, st.randoms())
def test_the_order_of_entering_does_not_matter(project: int, statements: list[Statement], random: object) -> None:
    shuffled = list(statements)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own random.Random
    assert commitments(project, shuffled) == commitments(project, statements)
