"""Replaying many: queue by queue, in order, each until the first event that still fails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from infra.commands.dead_letters_client import Among, DeadLetters, Letter, Refused

OF_ONE_QUEUE = ("replay-failed", "busy", "unknown-consumer")  # refusals that say nothing about the other queues


class Failure(NamedTuple):
    """An event that still fails, and what the service says about it."""

    dead_letter: str
    says: str


@dataclass
class Outcome:
    """What was applied, and where each queue that still fails stopped."""

    applied: int = 0
    failed: list[Failure] = field(default_factory=list)


def queues(letters: Iterable[Letter]) -> Sequence[Sequence[Letter]]:
    """The letters by consumer, topic and key; one without a key stands alone. Without the bytes: they can be many."""
    found: dict[tuple[str, ...], list[Letter]] = {}
    for letter in letters:
        place = letter["id"] if letter["key"] is None else letter["key"]
        kept = {name: letter[name] for name in ("id", "state", "consumer", "key")}
        found.setdefault((letter["consumer"], letter["topic"], place), []).append(kept)
    return list(found.values())


def replay_queue(service: DeadLetters, queue: Sequence[Letter], reason: str, outcome: Outcome) -> None:
    """Replays a queue and notes what came of it. Raises `Refused` for what concerns every queue."""
    for number, letter in enumerate(queue):
        if number and letter["state"] == "parked":
            continue  # went with the first
        try:
            _replay(service, letter, reason, outcome)
        except Refused as refused:
            if refused.name == "already-decided" and len(queue) > 1:
                continue  # by the call before, or by somebody else
            if refused.name not in OF_ONE_QUEUE:
                raise
            outcome.applied += refused.problem.get("applied", 0)
            outcome.failed.append(Failure(refused.problem.get("dead_letter", letter["id"]), str(refused)))
            return


def _replay(service: DeadLetters, letter: Letter, reason: str, outcome: Outcome) -> None:
    """Replays one, and goes on with what is parked with its key when the call ran out of time."""
    following: Letter | None = letter
    while following is not None:
        answer = service.replay(following["id"], reason)
        outcome.applied += answer["applied"]
        more = answer["waiting"] and answer["applied"]
        following = service.first(Among(("parked",), letter["consumer"], letter["key"])) if more else None
