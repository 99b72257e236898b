"""Which of the project's dated settings holds on a day. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DEFAULTS: dict[str, Any] = {
    "breaks": "unpaid",
    "illness_neutral": True,
    "signature_required": False,
    "signing_window_days": 60,
    "invite_within_days": 14,
}
"""As booking publishes them for a project that says nothing else; here for the time before the project has arrived."""


@dataclass(frozen=True)
class Settings:
    """The dated settings: `(key, valid_from, value)`."""

    dated: tuple[tuple[str, date, Any], ...] = ()

    def on(self, key: str, day: date) -> Any:
        """The value in force on a local day: the last that began by then."""
        begun = [(valid_from, n, value) for n, (name, valid_from, value) in enumerate(self.dated) if name == key]
        held = [entry for entry in begun if entry[0] <= day]
        return max(held, key=lambda entry: entry[:2])[2] if held else DEFAULTS.get(key)

    def breaks_counted(self, day: date) -> bool:
        """Whether breaks count as attended on that day."""
        return bool(self.on("breaks", day) == "counted")

    def illness_neutral(self, day: date) -> bool:
        """Whether an absence for illness is excused on that day."""
        return bool(self.on("illness_neutral", day))

    def signature_required(self, day: date) -> bool:
        """Whether minutes of that day count only when they are signed."""
        return bool(self.on("signature_required", day))

    def signing_window(self, day: date) -> timedelta:
        """For how long after attesting the minutes of that day can be signed by code."""
        return timedelta(days=self.on("signing_window_days", day))

    def invites_within(self, day: date) -> timedelta:
        """How long after an occasion of that day people are still asked for anything."""
        return timedelta(days=self.on("invite_within_days", day))

    def history(self, key: str) -> list[tuple[date, Any]]:
        """All dated values of a key, to see whether it changed."""
        return sorted(((valid_from, value) for name, valid_from, value in self.dated if name == key), key=str)


def settings_of(stored: Iterable[Mapping[str, Any]]) -> Settings:
    """The settings as the table and the event hold them: `[{key, value, valid_from}]`."""
    return Settings(tuple((entry["key"], date.fromisoformat(entry["valid_from"]), entry["value"]) for entry in stored))
