"""What a column of the template holds of a person, and what is missing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

FROM_BOOKING: Final = ("personal_number", "given_name", "family_name")
"""What reporting never knows: the cell says what booking fills in when it makes the named copy."""
NOT_KNOWN: Final = (None, "unknown", "unmatched")
DEFAULT: Final[Sequence[Mapping[str, Any]]] = (
    {
        "version": "1",
        "valid_from": "2021-01-01",
        "columns": [
            {"name": "Personnummer", "source": "personal_number", "required": True},
            {"name": "Startdatum", "source": "first_day", "required": True},
            {"name": "Slutdatum", "source": "last_day", "required": True},
            {"name": "Timmar", "source": "hours", "required": True},
            {"name": "Kommunkod", "source": "municipality", "required": True},
        ],
    },
)
"""What holds until the project office states the authority's own columns."""

Column = Mapping[str, Any]
Value = str | int | None


@dataclass(frozen=True)
class ToFix:
    """A required column that stays empty for a person. Reasons: `missing`, or `no-code` where the template has none
    for what is known.
    """

    participant_id: str
    field: str
    reason: str


def in_force(versions: Iterable[Mapping[str, Any]], day: str) -> Mapping[str, Any] | None:
    """The latest version that holds on that day, written as in ISO 8601."""
    begun = [one for one in versions if one["valid_from"] <= day]
    return max(begun, key=lambda one: str(one["valid_from"]), default=None)


def cell(column: Column, known: Mapping[str, Value]) -> Value:
    """The value of a column; None where it has none."""
    source = column["source"]
    if source in FROM_BOOKING:
        return f"{{{source}}}"
    if source == "constant":
        value: Value = column.get("value")
        return value
    value = known[source]
    if value in NOT_KNOWN and str(value) not in (column.get("codes") or {}):
        return None
    codes: Mapping[str, str] | None = column.get("codes")
    return value if codes is None else codes.get(str(value))


def to_fix(columns: Sequence[Column], known: Mapping[str, Value]) -> list[ToFix]:
    """What the authority would send back of a person's row."""
    return [
        ToFix(str(known["participant_id"]), column["name"], _reason(column, known))
        for column in columns
        if column.get("required", True) and cell(column, known) is None
    ]


def _reason(column: Column, known: Mapping[str, Value]) -> str:
    return "missing" if known.get(column["source"]) in NOT_KNOWN else "no-code"
