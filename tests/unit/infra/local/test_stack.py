"""The stack's plan, before anything starts."""

from pathlib import Path

import pytest

from infra.local import kafka, postgres
from infra.local.errors import StackError
from infra.local.stack import Stack
from infra.settings import StackSettings


def stack_in(folder: Path) -> Stack:
    return Stack(folder, StackSettings(8000, 1, None, None, None), say=lambda line: None)


def parts_in(folder: Path) -> tuple[kafka.Broker, postgres.Server]:
    broker = kafka.Broker(folder / "kafka", folder / "kafka.log", 1, 2)
    return broker, postgres.Server(folder / "postgres", folder / "postgres.log", 3, "secret")


def test_a_first_start_needs_no_data(tmp_path: Path) -> None:
    stack_in(tmp_path)._refuse_halves(*parts_in(tmp_path))


def test_a_first_start_that_was_interrupted_may_go_on(tmp_path: Path) -> None:
    broker, server = parts_in(tmp_path)
    broker.data.mkdir(parents=True)
    stack_in(tmp_path)._refuse_halves(broker, server)


def test_a_stack_whose_database_is_gone_is_not_started_on_its_old_event_log(tmp_path: Path) -> None:
    broker, server = parts_in(tmp_path)
    broker.data.mkdir(parents=True)
    (tmp_path / "complete").touch()
    with pytest.raises(StackError, match=r"postgres is gone.*\n.*kursnav reset"):
        stack_in(tmp_path)._refuse_halves(broker, server)


def test_a_complete_stack_starts_again(tmp_path: Path) -> None:
    broker, server = parts_in(tmp_path)
    broker.data.mkdir(parents=True)
    server.data.mkdir()
    (tmp_path / "complete").touch()
    stack_in(tmp_path)._refuse_halves(broker, server)
