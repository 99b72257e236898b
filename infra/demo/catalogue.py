"""What the demo knows of the project before the year begins: municipalities, courses, titles (from `data/`)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

YEAR = 2025
PROJECT_FROM = date(2025, 1, 1)
PROJECT_TO = date(2027, 6, 30)
PROJECT_NAME = "Kompetensnavet"
SIGNED_FROM = date(YEAR + 1, 1, 1)
"""From this day on the project counts hours only when their participant has signed them."""
GRANT = Decimal("23731055.00")
COMMITMENT_MINUTES = 42_000 * 60


@dataclass(frozen=True)
class Municipality:
    """A member of the project; `attainment` is the share of its own commitment that the demo aims at."""

    code: str
    name: str
    org_number: str
    employees: int
    attainment: Fraction
    commitment_minutes: int


@dataclass(frozen=True)
class Course:
    """What is taught; `categories` is the target group."""

    code: str
    title: str
    duration_minutes: int
    categories: tuple[str, ...]
    requires: tuple[str, ...]
    term: str
    needs_qualification: str | None


@dataclass(frozen=True)
class Title:
    """An occupational title of the differentiation model."""

    code: str
    title_sv: str
    category: str
    step: int | None
    required_courses: tuple[str, ...] = ()


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("infra.demo") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights` into integers that sum exactly: largest remainder, the first of equals first.

    >>> shares(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def municipalities() -> tuple[Municipality, ...]:
    """The twelve of the county, with the commitment that follows from their employees."""
    rows = _rows("municipalities.csv")
    aims = {row["code"]: Fraction(row["attainment"]) for row in _rows("attainment-2025.csv")}
    parts = shares(COMMITMENT_MINUTES, [int(row["employees"]) for row in rows])
    return tuple(
        Municipality(
            code=row["code"],
            name=row["name"],
            org_number=row["org_number"],
            employees=int(row["employees"]),
            attainment=aims[row["code"]],
            commitment_minutes=part,
        )
        for row, part in zip(rows, parts, strict=True)
    )


# Simulation courses are led by trainers who went through KlinSim1 (product description, glossary: trainer).
SIMULATION_COURSES = frozenset({"TR1", "AKUT"})
SIMULATION_QUALIFICATION = "KlinSim1"


def courses_of(year: int) -> tuple[Course, ...]:
    """The courses of a calendar year's two terms."""
    return tuple(_course(row) for row in _rows("courses.csv") if row["term"].startswith(str(year)))


def courses_after(year: int) -> tuple[Course, ...]:
    """The courses of the terms that follow a calendar year."""
    return tuple(_course(row) for row in _rows("courses.csv") if row["term"] > f"{year}H2")


def _course(row: dict[str, str]) -> Course:
    return Course(
        code=row["code"],
        title=row["title"],
        duration_minutes=int(row["duration_minutes"]),
        categories=_split(row["categories"]),
        requires=_split(row["requires"]),
        term=row["term"],
        needs_qualification=SIMULATION_QUALIFICATION if row["code"] in SIMULATION_COURSES else None,
    )


def titles() -> tuple[Title, ...]:
    """The titles of the county's differentiation model."""
    return tuple(
        Title(
            row["title"],
            row["title_sv"],
            row["category"],
            int(row["step"]) if row["step"] else None,
            _split(row["required_courses"]),
        )
        for row in _rows("titles.csv")
    )


def _split(joined: str) -> tuple[str, ...]:
    return tuple(part for part in joined.split("|") if part)
