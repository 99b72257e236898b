"""The project's dated settings: which keys there are, which values they take, what holds when nothing was entered."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.web.fields import EMAIL

ROUNDING_MODES = ("half_up", "half_even", "down", "up")
ROUNDING_PER = ("occasion", "person_month")
MOST_REMINDERS = 10

DEFAULTS: dict[str, Any] = {
    "rounding": {"unit_minutes": 1, "mode": "half_up", "per": "occasion"},
    "breaks": "unpaid",
    "invite_within_days": 14,
    "signature_required": False,
    "signing_window_days": 60,
    "queue_order": "strict",
    "promotion_stops_hours": 12,
    "reminder_hours": [168, 24],
    "illness_neutral": True,
    "prerequisite_min_share": 0.8,
    "unit_cost": None,
    "office_email": None,
}
"""In force until another value is: minutes are kept as they are, nobody need sign, no kronor without a unit cost."""


@dataclass(frozen=True)
class Setting:
    """One dated setting: `value` holds from `valid_from` until the next of the same key."""

    key: str
    value: Any
    valid_from: date


def _count(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= 100_000


def _is_rounding(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"unit_minutes", "mode", "per"}
        and _count(value["unit_minutes"], 1)
        and value["mode"] in ROUNDING_MODES
        and value["per"] in ROUNDING_PER
    )


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_money(value: Any) -> bool:
    return value is None or (isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", value) is not None)


def _are_reminders(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_REMINDERS
        and all(_count(hours, 1) for hours in value)
        and len(set(value)) == len(value)
    )


def _is_email(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= 254 and EMAIL.fullmatch(value) is not None)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        return False
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "rounding": (
        _is_rounding,
        '{"unit_minutes": 1, 2, …, "mode": half_up|half_even|down|up, "per": occasion|person_month}',
    ),
    "breaks": (lambda value: value in ("unpaid", "counted"), "unpaid|counted"),
    "invite_within_days": (_count, "0, 1, 2, …"),
    "signature_required": (lambda value: isinstance(value, bool), "true|false"),
    "signing_window_days": (lambda value: _count(value, 1), "1, 2, 3, …"),
    "queue_order": (lambda value: value in ("strict", "skip_if_too_big"), "strict|skip_if_too_big"),
    "promotion_stops_hours": (_count, "0, 1, 2, …"),
    "reminder_hours": (_are_reminders, f"[168, 24], [] (1–100000, max {MOST_REMINDERS})"),
    "illness_neutral": (lambda value: isinstance(value, bool), "true|false"),
    "prerequisite_min_share": (_is_share, "0–1"),
    "unit_cost": (_is_money, '"312.50", null'),
    "office_email": (_is_email, '"kontor@example.se", null'),
    "retention.evidence_until": (_is_day, '"2038-12-31"'),
}
_CHECKS |= {
    f"retention.{what}_days": (_count, "0, 1, 2, …") for what in ("support", "contact", "mail", "audit", "backup")
}
KEYS = tuple(_CHECKS)


def is_known(key: str) -> bool:
    """Whether there is such a setting."""
    return key in _CHECKS


def expected(key: str, value: Any) -> str | None:
    """What a value of `key` must be, None when `value` is that."""
    holds, form = _CHECKS[key]
    return None if holds(value) else form


def in_force(settings: Iterable[Setting], key: str, day: date) -> Any:
    """The value of a setting on a local day: the last that began by then, else the default (None for `retention.*`)."""
    begun = [setting for setting in settings if setting.key == key and setting.valid_from <= day]
    return max(begun, key=lambda setting: setting.valid_from).value if begun else DEFAULTS.get(key)


def with_defaults(settings: Iterable[Setting], first_day: date) -> list[Setting]:
    """The settings with the defaults written out from the project's first day, for those who do not know them."""
    entered = list(settings)
    covered = {setting.key for setting in entered if setting.valid_from <= first_day}
    added = [Setting(key, value, first_day) for key, value in DEFAULTS.items() if key not in covered]
    return added + entered
