"""The kinds of reports that can be ordered, and what each takes: names of collections in `recompute.model.Facts`."""

from collections.abc import Mapping
from typing import Final

EVERYTHING: Final = (
    "courses",
    "municipalities",
    "trainers",
    "merges",
    "persons",
    "sessions",
    "registrations",
    "rolls",
    "marks",
    "signatures",
    "head_counts",
    "invitations",
    "answers",
    "first_days",
    "elsewhere",
)
TAKEN: Final[Mapping[str, tuple[str, ...]]] = {"progress": EVERYTHING}
"""Of the kinds in the contract, those that can be ordered now."""
