"""Trainers on the last day of the period. They are the project's: no municipality and no course narrows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from services.reporting.recompute.model import Trainer


def trainers(everyone: Iterable[Trainer], day: date) -> dict[str, Any]:
    """Qualified = obtained by that day, active or not; of these, who start later and who have left."""
    qualified = [trainer for trainer in everyone if _codes(trainer, day)]
    counts = Counter(code for trainer in qualified for code in _codes(trainer, day))
    return {
        "qualified": dict(sorted(counts.items())),
        "starting_later": sum(one.active_from is not None and one.active_from > day for one in qualified),
        "left": sum(one.active_to is not None and one.active_to <= day for one in qualified),
    }


def _codes(trainer: Trainer, day: date) -> set[str]:
    return {qualification.code for qualification in trainer.qualifications if qualification.obtained_on <= day}
