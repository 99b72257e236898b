"""How dead letters are shown to an operator: tables of 100 columns, one letter with what to do about it.

What is printed came from anywhere: it is shown without what a terminal would obey.
"""

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.commands.dead_letters_replay import Outcome
from shared.clock import STOCKHOLM

WIDTH = 100
console = Console(width=WIDTH, highlight=False)  # also into a pipe, where the width is not known
MOST_CHARACTERS = 2000  # of a value
MOST_OF_A_FIELD = 300
OPEN, DECIDED = ("dead", "parked"), ("replayed", "discarded")

Letter = Mapping[str, Any]

RESEND = "Mend the producer, let it send the event again with a new id, and discard this one."
KNOWN = {
    "unknown-type": "A newer producer sent it, or it is no event of kursnav. Update this service, then replay.",
    "wrong-topic": "Its producer is faulty: the type belongs on another topic. "
    "Mend the producer, let it send the event where it belongs, and discard this one.",
    "missing-key": f"Its producer is faulty: a key says what the event is about, and orders it. {RESEND}",
    "wrong-key": f"Its producer is faulty: it was sent under the key of something else. {RESEND}",
    "key-not-utf8": f"Its key is no text, so nobody knows what it is about. {RESEND}",
    "tombstone": "Nothing is deleted on this topic, so it says nothing. Find out who sent it; discard it.",
    "cannot-decrypt": "The key that encrypted it is not among KURSNAV_PEOPLE_KEYS of this service. Add that key, start "
    "the service again, and replay. If it was never encrypted, or belongs under another key of the topic, discard it.",
    "broken-json": f"Its bytes are no JSON, and a replay reads the same bytes. {RESEND}",
    "endless-number": f"A number in it has no end, and no figure can be made of it. {RESEND}",
    "wrong-schema": "Its fields are not those of its type. If this service is older than the producer, update it and "
    f"replay. Otherwise: {RESEND[0].lower()}{RESEND[1:]}",
}
FAULTY_HEADERS = f"Its headers are not those of an event (docs/contracts). {RESEND}"
HEADERS = (
    "not-cloudevents",
    "wrong-content-type",
    "missing-header",
    "malformed-header",
    "header-not-utf8",
)
REPLAY_MAY_HELP = ("unknown-type", "wrong-schema", "cannot-decrypt")  # of those that are known: others read the same
FAILED = (
    "The service could not apply it. If it refers to something that was not there yet, replay it now; if the service "
    "has a fault, update it, then replay. Discard it only if it should never have been sent: what it says is then "
    "missing here."
)


def plain(text: object) -> str:
    """Text without the control characters that a terminal would obey."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in str(text))


def when(text: str) -> str:
    """A time as an operator reads it: local, to the minute."""
    return datetime.fromisoformat(text).astimezone(STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def tables(letters: Iterable[Letter]) -> Iterable[Table]:
    """A table per state: open ones with their cause, decided ones with who and why."""
    by_state: dict[str, Table] = {}
    for letter in letters:
        state = letter["state"]
        if state not in by_state:
            by_state[state] = _table(state)
        by_state[state].add_row(*(Text(plain(cell)) for cell in _cells(letter)))
    return [by_state[state] for state in (*OPEN, *DECIDED) if state in by_state]


def listing(letters: Iterable[Letter]) -> None:
    for table in tables(letters):
        console.print(table)
        console.print()


def _table(state: str) -> Table:
    columns = {"parked": ("consumer", "key that waits")}.get(state, ("consumer", "reason", "received"))
    if state in DECIDED:
        columns = ("decided", "by", "why")
    table = Table(title=state, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("id", width=36, no_wrap=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _cells(letter: Letter) -> tuple[object, ...]:
    if letter["state"] in DECIDED:
        return letter["id"], when(letter["decided_at"]), letter["decided_by"], letter["decision_reason"]
    if letter["state"] == "parked":
        return letter["id"], letter["consumer"], letter["key"]
    return letter["id"], letter["consumer"], letter["reason"], when(letter["received_at"])


def closing(counts: Mapping[str, int]) -> str:
    """How many there are, open and decided."""
    dead, parked, replayed, discarded = (counts[state] for state in (*OPEN, *DECIDED))
    return f"Open: {dead} dead, {parked} parked. Decided: {replayed} replayed, {discarded} discarded."


def details(service: str, letter: Letter, before: Letter | None) -> None:
    """Prints one letter in full. `before`: for a parked one, the dead letter of its key."""
    fields = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    fields.add_column(no_wrap=True)
    fields.add_column(overflow="fold")
    for name, value in _fields(letter).items():
        fields.add_row(name, Text(_short(value)))
    for header, text in letter["headers"]:
        fields.add_row(Text(_short(header)), Text(_short(text)))
    console.print(fields)
    console.print(Text(f"\nvalue: {_value(letter)}"), soft_wrap=True)
    console.print(Text(f"\nWhat to do: {advice(service, letter, before)}"))


def _short(value: object) -> str:
    text = plain(value)
    return text if len(text) <= MOST_OF_A_FIELD else f"{text[:MOST_OF_A_FIELD]} … ({len(text)} characters)"


def _fields(letter: Letter) -> dict[str, object]:
    fields = {
        "id": letter["id"],
        "state": letter["state"],
        "reason": letter["reason"],
        "detail": letter["detail"],
        "consumer": letter["consumer"],
        "key": "(none)" if letter["key"] is None else letter["key"],
        "place": f"{letter['topic']}, partition {letter['partition']}, offset {letter['offset']}",
        "received": when(letter["received_at"]),
    }
    if letter["waiting"]:
        fields["waiting"] = f"{letter['waiting']} other events of its key are parked"
    if letter["state"] in DECIDED:
        decision = f"{when(letter['decided_at'])} by {letter['decided_by']}: {letter['decision_reason']}"
        fields["decided"] = decision
    return fields


def _value(letter: Letter) -> str:
    if letter["value_base64"] is None:
        return "(none: a tombstone)"
    raw = base64.b64decode(letter["value_base64"])
    try:
        text = plain(raw.decode())
    except UnicodeDecodeError:
        text = f"(no text, hexadecimal) {raw.hex(' ')}"
    more = f" … ({len(raw)} bytes; --json prints all)" if len(text) > MOST_CHARACTERS else ""
    return (text[:MOST_CHARACTERS] or "(empty)") + more


def advice(service: str, letter: Letter, before: Letter | None) -> str:
    """What an operator does about a letter."""
    if letter["state"] in DECIDED:
        return "Nothing. It was decided about."
    if letter["state"] == "parked":
        if before is None:
            return f"Nothing dead stands before it any more. Replay it: {command(service, 'replay', letter)}"
        return (
            f"It waits behind {before['id']} ({plain(before['reason'])}). Decide about that one; a replay of it "
            f"applies this one too: kursnav dead-letters show {service} {before['id']}"
        )
    reason = letter["reason"]
    known = FAULTY_HEADERS if reason in HEADERS else KNOWN.get(reason, FAILED)
    lines = [known]
    if known is FAILED or reason in REPLAY_MAY_HELP:
        lines.append(command(service, "replay", letter))
    return "\n".join([*lines, f"{command(service, 'discard', letter)} --reason …"])


def replayed(service: str, outcome: Outcome, *, among: str) -> str:
    """What a replay left behind. `among`: what the caller asked for when not for all or one."""
    said = f"Applied: {outcome.applied}. Still failing: {len(outcome.failed)}."
    if outcome.failed:
        return f"{said} What each is, and what to do: kursnav dead-letters show {service} ID"
    if among and not outcome.applied:
        return f"Nothing of that consumer or key is open: kursnav dead-letters list {service}"
    return said


def discarded(service: str, letter: Letter) -> str:
    """What a discard left behind."""
    said = f"{letter['id']} is discarded."
    if not letter["waiting"]:
        return said
    where = f"{service} --consumer {letter['consumer']} --key {plain(letter['key'])}"
    return f"{said} {letter['waiting']} events of its key still wait: kursnav dead-letters replay {where}"


def command(service: str, what: str, letter: Letter) -> str:
    """The command that decides about a letter."""
    return f"kursnav dead-letters {what} {service} {letter['id']}"
