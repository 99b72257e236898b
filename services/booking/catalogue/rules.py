"""Rules of the catalogue: the split of the commitment, prerequisites that make sense, organisation numbers, titles."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.apportioning import largest_remainder
from shared.codes import code_key


@dataclass(frozen=True)
class Statement:
    """What was entered for a municipality from a day on; `minutes` None: to be computed from the employees."""

    municipality: str
    valid_from: date
    employees: int
    minutes: int | None


@dataclass(frozen=True)
class Commitment:
    """Minutes that a municipality has promised over the whole project, in force from `valid_from`."""

    municipality: str
    valid_from: date
    employees: int
    minutes: int
    computed: bool


def commitments(project_minutes: int, statements: Iterable[Statement]) -> list[Commitment]:
    """The dated commitments of all municipalities, as they follow from what was entered.

    On every day on which something changes, those entered without minutes share by employees what the explicit ones
    leave of the project's minutes (nothing when they exceed it): on each such day all sum exactly to the project's.
    """
    entered = sorted(statements, key=lambda statement: (statement.valid_from, statement.municipality))
    history: list[Commitment] = []
    now: dict[str, Statement] = {}
    last: dict[str, Commitment] = {}
    for day in sorted({statement.valid_from for statement in entered}):
        now.update({statement.municipality: statement for statement in entered if statement.valid_from == day})
        for commitment in _split(project_minutes, day, now):
            before = last.get(commitment.municipality)
            if before is None or replace(before, valid_from=day) != commitment:
                history.append(commitment)
                last[commitment.municipality] = commitment
    return history


def _split(project_minutes: int, day: date, now: Mapping[str, Statement]) -> list[Commitment]:
    explicit = sum(statement.minutes for statement in now.values() if statement.minutes is not None)
    weights = {code: statement.employees for code, statement in now.items() if statement.minutes is None}
    computed = largest_remainder(max(0, project_minutes - explicit), weights)
    return [
        Commitment(code, day, statement.employees, _minutes(statement, computed), statement.minutes is None)
        for code, statement in sorted(now.items())
    ]


def _minutes(statement: Statement, computed: Mapping[str, int]) -> int:
    return computed[statement.municipality] if statement.minutes is None else statement.minutes


def moved_start(statements: Iterable[Statement], old: date, new: date) -> list[Statement]:
    """The statements after the project's first day moved: those in force from the first day stay so."""
    moved: dict[tuple[str, date], Statement] = {}
    for statement in sorted(statements, key=lambda each: each.valid_from):
        day = new if statement.valid_from == old else max(statement.valid_from, new)
        moved[statement.municipality, day] = replace(statement, valid_from=day)
    return list(moved.values())


def unknown_codes(wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """Those of `wanted` that do not exist, in their order."""
    existing = set(known)
    return [code for code in wanted if code not in existing]


def prerequisite_circle(code: str, requires: Sequence[str], others: Mapping[str, Sequence[str]]) -> list[str]:
    """A way from a course through prerequisites back to itself (`[A, B, A]`), empty when there is none.

    `others` holds the prerequisites of the existing courses.
    """
    graph = {**others, code: requires}
    ways = [[code, required] for required in requires]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        if way[-1] == code:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, required] for required in graph.get(way[-1], ())]
    return []


def org_number(text: str) -> str | None:
    """A Swedish organisation number as `212000-2007`, None when it is none (form, third digit ≥ 2, check digit).

    The third digit tells it from a personal number, which must not get in here.
    """
    match = re.fullmatch(r"([0-9]{6})-?([0-9]{4})", text.strip())
    if match is None or int(match[1][2]) < 2 or not check_digit_holds(match[1] + match[2]):
        return None
    return f"{match[1]}-{match[2]}"


def check_digit_holds(digits: str) -> bool:
    """Whether the last of ten digits is the check digit of the others (Luhn; Skatteverket SKV 709, SKV 704)."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def title_code(text: str, titles: Mapping[str, str | None]) -> str:
    """What a title is kept as: the code when `text` is a code or its Swedish title (any case), else the text itself.

    `titles` holds the Swedish title, if any, of each code.
    """
    wanted = code_key(text.strip())
    for code in titles:
        if code_key(code) == wanted:
            return code
    for code, swedish in titles.items():
        if swedish is not None and code_key(swedish.strip()) == wanted:
            return code
    return text.strip()
