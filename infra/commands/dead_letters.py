"""`kursnav dead-letters`: what could not be applied. List it, look at it, replay it once its cause is mended, or
discard it with a reason.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.commands.console import console, errors
from infra.local.errors import StackError

if TYPE_CHECKING:
    from infra.commands.dead_letters_client import Among

app = typer.Typer(no_args_is_help=True, help="What could not be applied: list it, look at it, replay or discard it.")

STATES = {
    "open": ("dead", "parked"),
    "dead": ("dead",),
    "parked": ("parked",),
    "replayed": ("replayed",),
    "discarded": ("discarded",),
    "all": (),
}
Service = Annotated[str, typer.Argument(help="booking, attendance or reporting")]
Letter = Annotated[str, typer.Argument(help="Id of the dead letter.")]
Consumer = Annotated[str, typer.Option(help="Only those of this consumer.")]
Key = Annotated[str, typer.Option(help="Only those of this key: a session's id, say.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


@app.command("list")
def listed(
    service: Service,
    state: Annotated[str, typer.Option(help=f"{', '.join(STATES)}.")] = "open",
    consumer: Consumer = "",
    key: Key = "",
    as_json: AsJson = False,
) -> None:
    """List all dead letters of a service that nobody has decided about, oldest first."""
    from infra.commands import dead_letters_view as view
    from infra.commands.dead_letters_client import DeadLetters

    among = _among(state, consumer, key)
    letters = DeadLetters(service)
    if as_json:
        _print_json({"items": list(letters.each(among)), "counts": letters.counts(among)})
        return
    view.listing(letters.each(among))
    counts = letters.counts(among)
    console.print(view.closing(counts))
    if counts["dead"] or counts["parked"]:
        console.print(f"What each is, and what to do: kursnav dead-letters show {service} ID")


@app.command()
def show(service: Service, letter: Letter, as_json: AsJson = False) -> None:
    """Print one dead letter: why it could not be applied, what came, and what to do."""
    from infra.commands import dead_letters_view as view
    from infra.commands.dead_letters_client import Among, DeadLetters

    letters = DeadLetters(service)
    found = letters.one(letter)
    if as_json:
        _print_json(found)
        return
    before = None
    if found["state"] == "parked":
        before = letters.first(Among(("dead",), found["consumer"], found["key"]))
    view.details(service, found, before)


@app.command()
def replay(
    service: Service,
    letter: Annotated[str, typer.Argument(help="Id of a dead letter; with it goes what is parked with its key.")] = "",
    consumer: Consumer = "",
    key: Key = "",
    all_open: Annotated[bool, typer.Option("--all-open", help="All that are open.")] = False,
    reason: Annotated[str, typer.Option(help="Why now; kept with it.")] = "replayed by command",
    as_json: AsJson = False,
) -> None:
    """Apply again: one, those of a key, or all that are open. In order; of each key until the first that still fails.

    Ends with code 1 when one still fails.
    """
    from infra.commands import dead_letters_view as view
    from infra.commands.dead_letters_client import DeadLetters
    from infra.commands.dead_letters_replay import Outcome, queues, replay_queue

    if sum(map(bool, (letter, key, all_open))) != 1:
        raise StackError("Name what to replay: the id of one, or --key KEY, or --all-open.")
    letters, outcome = DeadLetters(service), Outcome()
    for queue in queues([letters.one(letter)] if letter else letters.each(_among("open", consumer, key))):
        replay_queue(letters, queue, reason, outcome)
    if as_json:
        _print_json({"applied": outcome.applied, "failed": [one._asdict() for one in outcome.failed]})
    else:
        for failure in outcome.failed:
            errors.print(view.plain(failure.says), markup=False, soft_wrap=True)
        console.print(view.replayed(service, outcome, among=consumer or key))
    raise typer.Exit(1 if outcome.failed else 0)


@app.command()
def discard(
    service: Service,
    letters: Annotated[list[str], typer.Argument(help="Id of the dead letter, or several.")],
    reason: Annotated[str, typer.Option(help="Why it need not be applied; kept with it.")],
    as_json: AsJson = False,
) -> None:
    """Close without applying. The row stays, with the reason and your name; what waits behind it waits on."""
    from infra.commands import dead_letters_view as view
    from infra.commands.dead_letters_client import DeadLetters

    client, decided = DeadLetters(service), []
    for letter in letters:
        decided.append(client.discard(letter, reason))
        if not as_json:
            console.print(view.discarded(service, decided[-1]), markup=False, soft_wrap=True)
    if as_json:
        _print_json(decided)


def _among(state: str, consumer: str, key: str) -> Among:
    from infra.commands.dead_letters_client import Among

    if state not in STATES:
        raise StackError(f"There is no state {state}. States: {', '.join(STATES)}.")
    return Among(STATES[state], consumer, key)


def _print_json(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False, indent=2) + "\n")
