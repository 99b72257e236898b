"""`kursnav rebuild reporting`: the facts rebuilt from the first event of every topic, beside those that count."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.commands.addresses import bootstrap_servers, owner_urls
from infra.commands.console import console, errors
from infra.local.errors import StackError

if TYPE_CHECKING:
    from services.reporting.rebuild.run import Outcome, Rebuild

REBUILDABLE = "reporting"
MOST_DIFFERENCES = 40
INTERRUPTED = 130  # as a shell says it of Ctrl-C
STEPS = {"load": "Load from the topics", "compare": "Compare the figures", "swap": "Swap"}


def rebuild(service: str, accept: bool, afresh: bool, drop: bool) -> None:
    """Prints what was rebuilt; ends with code 1 when the figures differ and nothing was swapped."""
    if service != REBUILDABLE:
        raise StackError(
            f"{service} cannot be rebuilt: what it holds was entered there, and its events are made from it. "
            f"Restore its backup. Only {REBUILDABLE} can be rebuilt."
        )
    began = time.monotonic()
    with _Bars() as bars:
        outcome = _run(bars, accept, afresh, drop)
    if outcome is not None:
        _tell(outcome, time.monotonic() - began)
        raise typer.Exit(0 if outcome.swapped else 1)


def _run(bars: _Bars, accept: bool, afresh: bool, drop: bool) -> Outcome | None:
    import uvloop
    from aiokafka.errors import KafkaError
    from sqlalchemy.exc import SQLAlchemyError

    from services.reporting.rebuild.refill import Stalled
    from services.reporting.rebuild.run import Rebuild, RebuildRefused
    from services.reporting.rebuild.swap import SwappedAlready
    from shared import collector
    from shared.observability import logging

    logging.configure("CRITICAL", instance="kursnav-rebuild")  # dead letters are counted below, not listed
    database, broker = owner_urls([REBUILDABLE])[REBUILDABLE], bootstrap_servers()
    collector.relax()
    task = Rebuild(database, broker, os.environ.get("KURSNAV_TOPIC_PREFIX", ""), bars.moved)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_abandon(task) if drop else task.run(accept=accept, afresh=afresh))
    except KeyboardInterrupt:
        errors.print("Interrupted. The facts that count are whole. Run it again: it goes on where it stopped.")
        raise typer.Exit(INTERRUPTED) from None
    except (RebuildRefused, SwappedAlready) as refused:
        raise StackError(f"Nothing was rebuilt: {refused}.") from refused
    except (Stalled, KafkaError, SQLAlchemyError, OSError) as error:
        where = f"the database at {database.rpartition('@')[2]} and Kafka at {broker}"
        raise StackError(
            f"The rebuild stopped: {error}\nIt uses {where}. The facts that count are untouched or already swapped.\n"
            "Mend the cause and run it again: it goes on where it stopped."
        ) from error


async def _abandon(task: Rebuild) -> None:
    dropped = await task.abandon()
    console.print(f"Version {dropped} is dropped." if dropped else "There is no unfinished version.")


def _tell(outcome: Outcome, seconds: float) -> None:
    if outcome.dead_letters:
        console.print(f"{outcome.dead_letters} events could not be applied: kursnav dead-letters list {REBUILDABLE}")
    if outcome.differences:
        console.print(_differences(outcome))
    if outcome.swapped:
        same = "accepted although figures differ" if outcome.differences else "the figures are the same"
        console.print(
            f"Version {outcome.version} counts now: {outcome.facts:,} facts, {same}, {seconds:.1f} s. "
            f"Version {outcome.version - 1} is dropped."
        )
    else:
        console.print(
            f"{len(outcome.differences)} figures differ, so version {outcome.version - 1} still counts. "
            f"Version {outcome.version} ({outcome.facts:,} facts) is kept: --accept swaps all the same, "
            "--afresh loads it again, --drop throws it away."
        )


def _differences(outcome: Outcome) -> Table:
    table = Table("figure", "counts now", "rebuilt", box=None)
    for one in outcome.differences[:MOST_DIFFERENCES]:
        table.add_row(one.figure, str(one.live), str(one.rebuilt))
    if (more := len(outcome.differences) - MOST_DIFFERENCES) > 0:
        table.add_row(f"and {more} more", "", "")
    return table


class _Bars:
    """One bar a step; without a terminal one line when a step is done."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=errors,
            disable=not errors.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def moved(self, step: str, done: int, total: int) -> None:
        """Shows how much of a step is done."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(STEPS[step], total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)
        if done == total and not errors.is_terminal:
            errors.print(f"{STEPS[step]}: {total:,}" if total > 1 else STEPS[step])
