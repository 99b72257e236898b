"""What an act changed, field by field, with values that pages can show in words. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.audit.record import HIDDEN

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

UNTOLD = frozenset({"id", "course_title", "periods", "state", "status"})
"""Fields that say nothing to whoever reads, or again what the sentence or another field says."""
State = Mapping[str, Any] | None


@dataclass(frozen=True)
class Changed:
    """One field. `added`: there was nothing before it; `hidden`: its values are nobody's to read here."""

    name: str
    before: Any
    after: Any
    added: bool = False
    hidden: bool = False


def changes(before: State, after: State) -> list[Changed]:
    """The fields of an act that say something, in the order in which they were written. Lists show what differs."""
    names = [name for name in {**(before or {}), **(after or {})} if name not in UNTOLD]
    found = [_changed(name, before, after) for name in names]
    return [one for one in found if not one.added or one.hidden or one.after not in (None, "", [], {})]


def _changed(name: str, before: State, after: State) -> Changed:
    old, new = ((state or {}).get(name) for state in (before, after))
    if HIDDEN in (old, new):
        return Changed(name, None, None, added=before is None, hidden=True)
    if isinstance(old, list) and isinstance(new, list):
        old, new = [one for one in old if one not in new], [one for one in new if one not in old]
    return Changed(name, readable(old), readable(new), added=before is None or name not in before)


def readable(value: Any) -> Any:
    """A value of JSON with times, days and ids as what they are."""
    if isinstance(value, Mapping):
        return {readable(name): readable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [readable(one) for one in value]
    if not isinstance(value, str):
        return value
    for form, read in ((TIME, datetime.fromisoformat), (DAY, date.fromisoformat), (ID, UUID)):
        if form.fullmatch(value):
            return _read(read, value)
    return value


def _read(read: Any, value: str) -> Any:
    try:
        return read(value)
    except ValueError:
        return value


def ids_in(value: Any) -> Iterator[UUID]:
    """The ids that readable values hold."""
    if isinstance(value, UUID):
        yield value
    elif isinstance(value, Mapping):
        yield from ids_in([*value, *value.values()])
    elif isinstance(value, list):
        for one in value:
            yield from ids_in(one)
