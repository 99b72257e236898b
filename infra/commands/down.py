"""`kursnav down` and `kursnav reset`."""

import os
import shutil
import signal

import typer

from infra.commands.console import console
from infra.local import postgres, state
from infra.local.stack import refuse_production
from infra.settings import data_folder

STOP_SECONDS = 60.0


def down() -> None:
    """Tells the supervisor to stop everything and waits for its end."""
    console.print("kursnav is stopped." if stop() else "kursnav does not run.")


def stop() -> bool:
    """Whether a running stack was stopped."""
    running = state.running(data_folder())
    if running is None:
        return False
    os.kill(running.supervisor.pid, signal.SIGTERM)
    state.wait_for_end([running.supervisor, *running.children.values()], STOP_SECONDS)
    return True


def reset(yes: bool) -> None:
    """Stops the stack and deletes databases, topics, mails, keys and logs."""
    refuse_production()
    data = data_folder()
    if not yes:
        typer.confirm(f"Delete all data of kursnav in {data}?", abort=True)
    stop()
    database = postgres.data_folder(data)
    shutil.rmtree(database, ignore_errors=True)
    if database.parent != data:
        shutil.rmtree(database.parent, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    console.print("All data is deleted.")
