"""Which answers are told, so that no table, no total and no difference of two of them tells fewer than five. Pure.

Answers to a question are told in blocks of five or more: a session is one when it has as many, the others of a course
and a year are put together in the order of their days until they have. Everything that is shown is a sum of blocks, so
every difference is one too. What is left is in nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

FEWEST = 5


@dataclass(frozen=True)
class Answered:
    """How often each value was given to a question about a session."""

    session_id: UUID
    course: str
    day: date
    question: str
    values: Mapping[str, int]

    @property
    def number(self) -> int:
        return sum(self.values.values())


@dataclass
class Block:
    """Answers that are told together; `session_id` where they are all of one session."""

    course: str
    year: int
    question: str
    session_id: UUID | None
    values: Counter[str] = field(default_factory=Counter)

    def add(self, answered: Answered) -> None:
        self.values.update(answered.values)


def blocks(answers: Iterable[Answered]) -> list[Block]:
    """The blocks that are told."""
    told: list[Block] = []
    open_: dict[tuple[str, int, str], Block] = {}
    for one in sorted(answers, key=lambda one: (one.day, str(one.session_id))):
        if one.number >= FEWEST:
            told.append(Block(one.course, one.day.year, one.question, one.session_id, Counter(one.values)))
            continue
        place = (one.course, one.day.year, one.question)
        block = open_.setdefault(place, Block(*place, None))
        block.add(one)
        if block.values.total() >= FEWEST:
            told.append(open_.pop(place))
    return told


def summed(told: Iterable[Block]) -> dict[str, Counter[str]]:
    """The values of some blocks by question."""
    found: dict[str, Counter[str]] = {}
    for block in told:
        found.setdefault(block.question, Counter()).update(block.values)
    return found
