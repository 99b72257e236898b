"""Adding names to a report's rows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

T = TypeVar("T")
Value = str | int | None
Language = Literal["sv", "en"]
PARTICIPANT: Final = "participant_id"
STATISTICS: Final = "statistics-file"
PLACES: Final = ("personal_number", "given_name", "family_name")
"""What a row of the statistics file leaves to booking: a cell says `{personal_number}`."""
HEADS: Final[Mapping[Language, tuple[str, str]]] = {
    "sv": ("Efternamn", "Förnamn"),
    "en": ("Family name", "Given name"),
}
PROTECTED: Final[Mapping[Language, str]] = {"sv": "Skyddad identitet", "en": "Protected identity"}
ERASED: Final[Mapping[Language, str]] = {"sv": "Raderad", "en": "Erased"}
SCB_SUFFIX: Final = "Tf29"
"""What the statistics authority wants in the place of a protected person's last four digits."""
_COORDINATION: Final = 60


@dataclass(frozen=True)
class Person:
    """Whom an id names by now; `number` in twelve digits, where it was asked for."""

    given_name: str | None
    family_name: str | None
    protected: bool
    erased: bool
    number: str | None = None


@dataclass(frozen=True)
class Rows:
    """A list of a report; `participant` is the place of the column with the ids."""

    title: str
    head: tuple[str, ...]
    participant: int
    rows: tuple[tuple[Value, ...], ...]

    @property
    def language(self) -> Language:
        """That of the report, which the head of the ids shows."""
        return "sv" if self.head[self.participant].startswith("Deltagare") else "en"


@dataclass(frozen=True)
class Named:
    """The same rows with names."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def ids_of(lists: Sequence[Rows]) -> set[str]:
    return {str(row[one.participant]) for one in lists for row in one.rows if row[one.participant]}


def with_names(one: Rows, people: Mapping[str, Person], *, statistics: bool) -> Named:
    """The rows with each person's name beside the id; of the statistics file, the authority's columns filled in."""
    at, language = one.participant, one.language
    if statistics:
        rows = tuple(_filled(row, people.get(str(row[at])), language) for row in one.rows)
        return Named(one.title, _without(one.head, at), tuple(_without(row, at) for row in rows))
    head = (*one.head[: at + 1], *HEADS[language], *one.head[at + 1 :])
    named = tuple(
        (*row[: at + 1], *(_names(people.get(str(row[at])), language) if row[at] else (None, None)), *row[at + 1 :])
        for row in one.rows
    )
    return Named(one.title, head, named)


def masked_number(digits: str) -> str:
    """`ÅÅÅÅMMDDTf29`: the day of birth alone, of a coordination number too."""
    day = int(digits[6:8])
    return f"{digits[:6]}{day - _COORDINATION if day >= _COORDINATION else day:02}{SCB_SUFFIX}"


def _names(person: Person | None, language: Language) -> tuple[str | None, str | None]:
    """Family and given name, or what is said in their place."""
    if person is None or person.erased:
        return ERASED[language], None
    if person.protected:
        return PROTECTED[language], None
    return person.family_name, person.given_name


def _filled(row: tuple[Value, ...], person: Person | None, language: Language) -> tuple[Value, ...]:
    family, given = _names(person, language)
    told = {"personal_number": _number(person, language), "given_name": given, "family_name": family}
    places = {f"{{{name}}}": told[name] for name in PLACES}
    return tuple(places[cell] if isinstance(cell, str) and cell in places else cell for cell in row)


def _number(person: Person | None, language: Language) -> str | None:
    if person is None or person.erased:
        return ERASED[language]
    return masked_number(person.number) if person.protected and person.number else person.number


def _without(row: tuple[T, ...], at: int) -> tuple[T, ...]:
    return (*row[:at], *row[at + 1 :])
