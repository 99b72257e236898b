"""How people are named on a roll, and in which order. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.sorting import swedish_order

MASKED = {"sv": "Skyddad identitet", "en": "Protected identity"}


def shown_name(person: Mapping[str, Any], language: str) -> str | None:
    """The name for a roll: masked for protected identity, None while it has not arrived or after erasure."""
    if person["protected"]:
        return MASKED[language]
    parts = [person["given_name"], person["family_name"]]
    return " ".join(part for part in parts if part) or None


def by_family_name(person: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sort key in Swedish order. The masked come last."""
    hidden = bool(person["protected"]) or not (person["family_name"] or person["given_name"])
    names = ("", "") if hidden else (person["family_name"] or "", person["given_name"] or "")
    return ("~" if hidden else "", *map(swedish_order, names), str(person["participant_id"]))
