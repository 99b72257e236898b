"""What the project office enters beside the facts: economy, goals, competence, activities, and a schedule."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import Any

from infra.demo.catalogue import YEAR
from infra.demo.stage import Stage

DATA = files("infra.demo") / "data"
ECONOMY, COMPETENCE, ACTIVITIES = (f"{name}-{YEAR}.csv" for name in ("economy", "competence", "activities"))

STEERING_GROUP = {"kind": "progress", "every": "quarter", "days_after": 10, "to": ["styrgrupp@kompetensnavet.example"]}
"""Who gets a report of each quarter from now on."""


async def enter_beside(stage: Stage) -> None:
    """Enters the tables, and notes what the services make of them that the book does not."""
    office, activities = stage.cast.coordinator, list(rows_of(ACTIVITIES))
    with stage.steps.step("Economy, goals, competence, activities", 4 + len(activities)) as step:
        await office.take_in("economy/import", (DATA / ECONOMY).read_bytes())
        expect_economy(stage, await office.economy(YEAR))
        step.advance()
        taken = await office.take_in(f"competence/{YEAR}/import", (DATA / COMPETENCE).read_bytes())
        stage.book.expect("cells of competence that are wrong", 0, taken["totals"]["error"])
        step.advance()
        await office.set_goals(json.loads((DATA / "goals.json").read_text(encoding="utf-8")))
        step.advance()
        await office.api.post("/reporting/v1/schedules", STEERING_GROUP, key=stage.key("schedule", "quarter"))
        step.advance()
        for row in activities:
            await office.add_activity(activity(row), key=stage.key("activity", row["date"]))
            step.advance()


def rows_of(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines())


def expect_economy(stage: Stage, found: dict[str, Any]) -> None:
    """The year's sums, added up from the file."""
    sums = {"income": Decimal(0), "cost": Decimal(0), "carry-over": Decimal(0)}
    for row in rows_of(ECONOMY):
        sums[row["kind"]] += Decimal(row["amount"])
    left = sums["income"] - sums["cost"] - sums["carry-over"]
    expected = {"income": sums["income"], "costs": sums["cost"], "carry_over": sums["carry-over"], "balance": left}
    for name, amount in expected.items():
        stage.book.expect(f"economy.{name}", str(amount), found[name])


def activity(row: dict[str, str]) -> dict[str, Any]:
    rating = {"mean": float(row["rating_mean"]), "n": int(row["rating_n"])} if row["rating_n"] else None
    counted = {"count": int(row["count"]), "approximate": row["approximate"] == "true"}
    return {"date": row["date"], "theme": row["theme"], "audience": row["audience"], **counted, "rating": rating}
