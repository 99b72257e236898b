"""What all tests share: the broker and database of this run, and one database per test module."""

from collections.abc import Iterator

import pytest

from tests.support import stack as stacks


def pytest_report_header() -> list[str]:
    return [f"{part}: {where}" for part, where in stacks.choice().items()]


@pytest.fixture(scope="session")
def stack() -> Iterator[stacks.Stack]:
    """The real broker and database server of this run."""
    with stacks.started() as started:
        yield started
