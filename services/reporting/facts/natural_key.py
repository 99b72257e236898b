"""What a fact is about: of all facts with the same natural key, the one with the highest sequence counts.

A registration is one thing through all its events; a mark is one person on one occasion, however often it was
corrected; each survey answer is a thing of its own. Each event says it with its contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.contracts.registry import by_type


def natural_key(ce_type: str, key: str, event_id: UUID | str, data: Mapping[str, Any] | None) -> str:
    """The natural key of an event. A tombstone is about its message key. Raises ValueError for a type without one."""
    contract = by_type(ce_type)
    if contract is None or contract.about is None:
        raise ValueError(f"{ce_type} does not say what it is about")
    return contract.about.format_map({**(data or {}), "key": key, "event_id": event_id})
