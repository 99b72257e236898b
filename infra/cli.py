"""The `kursnav` command. Imports are lazy: a command loads what it uses (importing everything takes seconds)."""

import errno
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from infra import file_secrets
from infra.commands import dead_letters
from infra.local.errors import StackError

HELP = "Course booking, attendance and reporting for joint training projects. Each command has a --help of its own."


class Kursnav(typer.Typer):
    """Says what a user can mend in words, not as a trace."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            _refuse_what_is_no_text(sys.argv[1:])
            file_secrets.read_files()
            file_secrets.refuse_marked()
            return super().__call__(*args, **kwargs)
        except StackError as error:
            reason = str(error)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            reason = f"The disk is full ({error}). Free space, then start again; nothing that was answered is lost."
        print(f"\nkursnav: {reason}", file=sys.stderr)  # noqa: T201 - before any console exists
        sys.exit(1)


def _refuse_what_is_no_text(arguments: Sequence[str]) -> None:
    for number, argument in enumerate(arguments, start=1):
        if argument.encode(errors="replace").decode() != argument:
            raise StackError(f"Argument {number} is not UTF-8. Write it in a terminal that speaks UTF-8.")


app = Kursnav(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)
app.add_typer(dead_letters.app, name="dead-letters")

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Leave it running and return.")] = False,
) -> None:
    """Start the one-machine stack: PostgreSQL, Kafka, issuer, mail sink and the three services."""
    from infra.commands import up as command

    command.detached() if detach else command.foreground()


@app.command()
def down() -> None:
    """Stop the stack; data stays."""
    from infra.commands import down as command

    command.down()


@app.command()
def status() -> None:
    """Say what runs, where, and whether everything has arrived."""
    from infra.commands import status as command

    command.status()


@app.command()
def reset(yes: Yes = False) -> None:
    """Stop the stack and delete all its data."""
    from infra.commands import down as command

    command.reset(yes)


@app.command()
def token(
    role: Annotated[str, typer.Option(help="coordinator, municipality, trainer, funder, evaluator or operator")],
    municipality: Annotated[str, typer.Option(help="Four-digit code, for the role municipality.")] = "",
    trainer: Annotated[str, typer.Option(help="Id of the trainer, for the role trainer.")] = "",
) -> None:
    """Print an access token of the development issuer, valid 12 h."""
    from infra.commands import token as command

    command.token(role, municipality, trainer)


@app.command()
def topics(
    check: Annotated[bool, typer.Option("--check", help="Create nothing; fail when something is missing.")] = False,
) -> None:
    """Create the topics that are missing and report those that differ from their declaration."""
    from infra.commands import topics as command

    command.topics(check)


@app.command()
def migrate(services: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Bring the services' databases to the newest revision, as their owners (<SERVICE>_OWNER_DATABASE_URL)."""
    from infra.commands import migrate as command

    command.migrate(services)


@app.command()
def rebuild(
    service: Annotated[str, typer.Argument(help="reporting")],
    accept: Annotated[bool, typer.Option("--accept", help="Swap although figures differ.")] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Forget an unfinished rebuild.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Only throw away an unfinished rebuild.")] = False,
) -> None:
    """Rebuild reporting's facts from the topics beside the live ones, compare the figures, and swap."""
    from shared import collector

    collector.rest()
    from infra.commands import rebuild as command

    command.rebuild(service, accept, afresh, drop)


@app.command()
def doctor() -> None:
    """Examine the configuration: settings, databases, roles, broker, topics, issuer, clocks, keys, disk."""
    from infra.commands import doctor as command

    command.doctor()


@app.command()
def serve(
    services: Annotated[list[str] | None, typer.Argument()] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="KURSNAV_PORT", help="Port to listen on.")] = 8000,
) -> None:
    """Run services in this process, behind one origin: booking, attendance, reporting (default: all three)."""
    from shared import collector

    collector.rest()
    from infra import serve as command

    command.serve(services, host, port)


@app.command()
def demo(
    small: Annotated[bool, typer.Option("--small", help="A tenth of the people: done in half a minute.")] = False,
    base: Annotated[str, typer.Option(help="Origin of a running stack (default: start the one here).")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the report (default: .data/demo/…).")] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes other people.")] = 2025,
) -> None:
    """Enter Kompetensnavet's year 2025 through the public API, check every figure, and write its frozen report."""
    from infra.commands import demo as command

    command.demo(small, base, out, seed)


@app.command()
def bench(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    pages: Annotated[bool, typer.Option("--pages", help="Measure the pages alone, in two minutes.")] = False,
    reports: Annotated[bool, typer.Option("--reports", help="Measure live figures and reports alone.")] = False,
) -> None:
    """Measure bookings beside a bare program, events, visibility, reports, pages, start and memory, on own parts."""
    from infra.commands import bench as command

    command.bench(as_json, pages, reports)


if __name__ == "__main__":
    app()
