"""How people are named on a roll, and in which order. Pure."""

from collections.abc import Mapping
from typing import Any

MASKED = {"sv": "Skyddad identitet", "en": "Protected identity"}
AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "é": "e", "è": "e", "ü": "y", "á": "a"})


def shown_name(person: Mapping[str, Any], language: str) -> str | None:
    """The name for a roll: masked for protected identity, None while it has not arrived or after erasure."""
    if person["protected"]:
        return MASKED[language]
    parts = [person["given_name"], person["family_name"]]
    return " ".join(part for part in parts if part) or None


def by_family_name(person: Mapping[str, Any]) -> tuple[str, ...]:
    """Sort key in Swedish order (å, ä, ö after z; the database knows no Swedish collation). The masked come last."""
    hidden = bool(person["protected"]) or not (person["family_name"] or person["given_name"])
    names = ("", "") if hidden else (person["family_name"] or "", person["given_name"] or "")
    swedish = tuple(name.casefold().translate(AFTER_Z) for name in names)
    return ("~" if hidden else "", *swedish, str(person["participant_id"]))
