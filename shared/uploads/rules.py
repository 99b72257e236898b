"""Which column of a file is which field: by what was chosen before, by its name, by a name that is nearly it. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

NEARLY = 0.84
NOT_READ = ""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Field:
    """What a column may hold: the name in the API, what people call it, and what else files call it."""

    name: str
    sv: str
    en: str
    also: tuple[str, ...] = ()

    @property
    def words(self) -> set[str]:
        return {_bare(word) for word in (self.name, self.sv, self.en, *self.also)}


def guess(columns: Sequence[str], fields: Sequence[Field], remembered: Mapping[str, str]) -> list[str]:
    """The field of each column, `NOT_READ` for none; no field is guessed twice."""
    known = {field.name for field in fields}
    found = {
        place: remembered[name] for place, name in enumerate(columns) if remembered.get(name) in {*known, NOT_READ}
    }
    for near in (1.0, NEARLY):
        for _, place, name in sorted(_alike(columns, fields, near), reverse=True):
            if place not in found and name not in found.values():
                found[place] = name
    return [found.get(place, NOT_READ) for place in range(len(columns))]


def _alike(columns: Sequence[str], fields: Sequence[Field], near: float) -> Iterator[tuple[float, int, str]]:
    for place, column in enumerate(columns):
        for field in fields:
            ratio = max(SequenceMatcher(None, _bare(column), word).ratio() for word in field.words)
            if ratio >= near:
                yield ratio, place, field.name


def _bare(word: str) -> str:
    return _SIGNS.sub("", word.casefold())


def twice(chosen: Sequence[str]) -> Collection[int]:
    """The places of columns whose field an earlier column has."""
    return [place for place, name in enumerate(chosen) if name != NOT_READ and name in chosen[:place]]
