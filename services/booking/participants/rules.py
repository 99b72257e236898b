"""What another number makes of a person. Pure."""

from typing import Protocol


class Number(Protocol):
    """A personal or coordination number, as far as it says something of the person."""

    @property
    def gender(self) -> str: ...

    @property
    def is_coordination_number(self) -> bool: ...


def gender_by(number: Number, before: Number | None, gender: str) -> str:
    """The number's, unless the coordinator had set another one than the number before it said."""
    return number.gender if gender == "unknown" or before is None or gender == before.gender else gender


def worth(number: Number) -> bool:
    """A personal number goes before a coordination number."""
    return not number.is_coordination_number
