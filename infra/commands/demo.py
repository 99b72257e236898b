"""`kursnav demo`: Kompetensnavet's year 2025, entered through the public API, checked, and reported."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import typer

from infra.commands.console import console, errors
from infra.demo import run
from infra.demo.api import ApiError, Unreachable, connect
from infra.demo.book import Book
from infra.demo.cast import Cast, NotSettledError
from infra.demo.enter_fortnight import enter_fortnight
from infra.demo.fortnight import TRAINER
from infra.demo.logins import tokens_of
from infra.demo.outbox import MailMissingError
from infra.demo.plan import FULL, SMALL, Size
from infra.demo.progress import Steps
from infra.demo.stage import Stage
from infra.demo.tables import cofinancing_table, figures_table
from infra.demo.year import plan_year
from infra.local.code_flow import remember
from infra.local.errors import StackError
from infra.local.identity import DEMO_USERS
from infra.settings import data_folder

DEFAULT_SEED = 2025
FAILURES = (ApiError, Unreachable, NotSettledError, MailMissingError, run.OtherDataError, run.ReportError)
DIFFERENCES_SHOWN = 40
WORK = {
    "coordinator": "the project office: where it may go wrong in the next two weeks",
    "municipality": "Örebro: who is away, who waits, what needs a name",
    "trainer": "a trainer: yesterday's roll with a conflict, today's session",
    "funder": "the funder: the frozen report and what it rests on",
    "evaluator": "an evaluator: released figures",
    "operator": "operations: what runs, what has arrived",
}
"""What each demo user finds."""


def demo(small: bool, base: str = "", out: Path | None = None, seed: int = DEFAULT_SEED) -> None:
    """Starts the stack unless `base` names a running one; ends with code 1 when a figure is not what it must be."""
    began = time.monotonic()
    address = base.rstrip("/") or _started()
    size = SMALL if small else FULL
    folder = out or data_folder() / "demo" / f"kompetensnavet-2025{'-small' if small else ''}"
    try:
        agrees = asyncio.run(_run(address, size, seed, folder, began))
    except* FAILURES as failures:
        raise StackError(_advice(failures.exceptions[0], address)) from failures
    _say_where_to_go(address, here=not base)
    raise typer.Exit(0 if agrees else 1)


def _started() -> str:
    from infra.commands.addresses import origin
    from infra.commands.up import ensure_running

    ensure_running()
    return origin()


async def _run(address: str, size: Size, seed: int, folder: Path, began: float) -> bool:
    year = plan_year(seed, size)
    console.print(f"Kompetensnavet 2025: {year.people:,} generated people, {len(year.sessions)} sessions")
    async with connect(address) as client:
        cast = Cast(client, tokens_of(address))
        with Steps(console).shown() as steps:
            stage = Stage(year, Book(year), cast, steps)
            await run.enter_year(stage)
            files = await run.freeze_reports(stage, folder)
            await enter_fortnight(stage)
        remember(data_folder(), "utbildare", trainer_id=str(stage.trainers[TRAINER]))
        outcome = await run.check(stage)
    console.print(cofinancing_table(outcome.cofinancing), figures_table(outcome.figures), sep="\n")
    _say_differences(outcome)
    _say_what_was_made(stage, files, folder, time.monotonic() - began)
    return not outcome.differences


def _say_differences(outcome: run.Outcome) -> None:
    if not outcome.differences:
        console.print(f"[green]All {outcome.compared} figures agree with the demo's own book.[/green]")
        return
    errors.print(f"[bold red]{len(outcome.differences)} differences from the demo's own book:[/bold red]")
    for difference in outcome.differences[:DIFFERENCES_SHOWN]:
        errors.print(f"  {difference}", markup=False, soft_wrap=True)


def _say_what_was_made(stage: Stage, files: list[Path], folder: Path, seconds: float) -> None:
    year, fortnight = stage.year, stage.fortnight
    now = f"; around today {len(fortnight.sessions)} sessions" if fortnight else ""
    registered = sum(len(call.staff) for plan in year.sessions for call in plan.registrations)
    book = stage.book
    seconds_by_service = ", ".join(f"{name} {after:.1f} s" for name, after in book.erased_after.items())
    unread = "" if stage.reads_mails else "Mails go to a mail server: nobody answered or signed by a link out of one.\n"
    erased = f"Erased: somebody, of whom each service keeps nothing after: {seconds_by_service}\n" if fortnight else ""
    console.print(
        f"\nMade:  {year.people:,} people in {len(year.municipalities)} municipalities, {len(year.courses)} courses, "
        f"{len(year.sessions)} sessions, {registered:,} registrations; progress report in {len(files)} formats{now}\n"
        f"Signed: {book.signed_on_paper} months on paper, {book.signed_by_code} by link and code; "
        f"{book.certificates} certificates fetched and found genuine\n"
        f"{unread}{erased}"
        f"Where: {folder}\n"
        f"       {', '.join(path.name for path in files)}\n"
        f"Time:  {seconds:.0f} s",
        soft_wrap=True,
    )


def _say_where_to_go(address: str, *, here: bool) -> None:
    """The start page, and as whom to look at it. The stack of this machine needs no password there."""
    users = "\n".join(f"       {user.username:<12} {WORK[user.role]}" for user in DEMO_USERS)
    stop = "\nStop:  kursnav down   (kursnav reset deletes the data as well)" if here else ""
    console.print(f"\nOpen:  [bold]{address}/[/bold]   and sign in as\n{users}{stop}", soft_wrap=True, highlight=False)


def _advice(failure: BaseException, address: str) -> str:
    """What went wrong and what to do about it."""
    if isinstance(failure, BaseExceptionGroup):
        return _advice(failure.exceptions[0], address)
    if isinstance(failure, run.OtherDataError):
        return (
            f"{address} holds other data: {failure}. Nothing was entered.\n"
            "Delete it (kursnav reset), or use another place: KURSNAV_DATA=~/another KURSNAV_PORT=8100 kursnav demo"
        )
    if isinstance(failure, Unreachable):
        advice = "Start the stack (kursnav up), or mend --base."
        if "CERTIFICATE_VERIFY_FAILED" in str(failure):
            advice = "Name the authority that signed its certificate: SSL_CERT_FILE=/path/to/authority.pem"
        return f"{failure}. {advice}"
    return f"the demo stopped: {failure}\nThe services' logs are in {data_folder() / 'log'}."
