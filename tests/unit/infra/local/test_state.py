"""What is written of a running stack, and how a process is told from another one with its number."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from infra.local import state
from infra.local.state import ProcessMark, StackState


def own_mark() -> ProcessMark:
    mark = ProcessMark.of(os.getpid())
    assert mark is not None
    return mark


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    written = StackState(own_mark(), 8000, "127.0.0.1:18000", children={"Kafka": own_mark()})
    state.write(tmp_path, written)
    assert state.running(tmp_path) == written
    assert state.path_of(tmp_path).stat().st_mode & 0o077 == 0


def test_a_process_id_that_another_process_got_later_is_not_the_supervisor(tmp_path: Path) -> None:
    earlier = replace(own_mark(), started=own_mark().started - 1)
    state.write(tmp_path, StackState(earlier, 8000))
    assert state.running(tmp_path) is None
    assert state.read(tmp_path) is not None


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    state.path_of(tmp_path).write_text('{"supervisor": ', "utf-8")
    assert state.running(tmp_path) is None


def test_children_that_do_not_end_by_themselves_are_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        mark = ProcessMark.of(child.pid)
        assert mark is not None
        state.wait_for_end([mark], seconds=0)
        assert child.wait() == -9
