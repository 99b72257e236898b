"""Small groups: counts 1 to 4 are hidden from everyone but the project office and the funder (product.md, Reporting 7).

A hidden number is `null`, and its JSON pointer stands in `suppressed`. Where hidden numbers are parts of a total that
is shown, at least two parts are hidden, and not all of them 1, so that the total reveals none; a share is a part too
when the others would follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

SMALLEST_SHOWN: Final = 5
"""The smallest count of people that is shown; 0 is shown too: it says that there is no group."""


def is_small(count: int | None) -> bool:
    return count is not None and 0 < count < SMALLEST_SHOWN


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of one whole: pointer -> count. A pointer may be a share that shows a count left unsaid."""

    whole: str | None
    counts: Mapping[str, int]


def suppress(
    figures: Mapping[str, Any], categories: Mapping[str, str] | None = None, also: Iterable[str] = ()
) -> dict[str, Any]:
    """A copy with its small groups hidden.

    `categories` tells each title's category: a category's count must not reveal a hidden title of it. `also` are
    pointers of totals to hide because a wider answer hides that number (`hidden_by`).
    """
    hidden = {*also, *(pointer for pointer, count in _counts(figures) if is_small(count))}
    # The finest first: what hides a title within its category often hides enough of all titles.
    partitions = [*_titles(figures, categories or {}), *_partitions(figures)]
    size = -1
    while size != len(hidden):  # hiding in one distribution can leave a single hidden part in another
        size = len(hidden)
        for parts in partitions:
            hidden |= _hidden_parts(parts, hidden)
    return _with_hidden(figures, hidden | _derived(figures, hidden))


def hidden_by(
    wider: Mapping[str, Any],
    categories: Mapping[str, str],
    *,
    municipality: str | None = None,
    course: str | None = None,
) -> set[str]:
    """Totals to hide in an answer narrowed to a municipality or a course, because the wider answer hides those numbers.

    Without this, the number that was hidden to protect another could be asked for by itself.
    """
    hidden = set(suppress(wider, categories)["suppressed"])
    persons, times = "/unique_participants/total", "/participations/total"
    cells = {
        _join("/unique_participants/by_municipality", str(municipality)): (persons, "/seats/confirmed"),
        _join("/participations/by_municipality", str(municipality)): (times, "/seats/confirmed"),
        _join("/participations/by_course", str(course)): (times, "/seats/confirmed"),
    }
    return {pointer for cell, pointers in cells.items() if cell in hidden for pointer in pointers}


def _hidden_parts(parts: Parts, hidden: set[str]) -> set[str]:
    """All parts that are not empty when the whole is hidden; else none or at least two, not all of them 1; without
    another part to hide the whole is hidden.
    """
    filled = {pointer: count for pointer, count in parts.counts.items() if count > 0}
    if parts.whole in hidden:
        return set(filled)
    chosen = {pointer for pointer, count in filled.items() if is_small(count) or pointer in hidden}
    if not _told_by_the_whole(parts, chosen):
        return chosen
    others = sorted((count, pointer) for pointer, count in filled.items() if pointer not in chosen)
    second = others[0][1] if others else parts.whole
    return chosen | ({second} if second else set())


def _told_by_the_whole(parts: Parts, chosen: set[str]) -> bool:
    """Whether subtraction tells the chosen parts: there is only one, or each is 1 (a hidden part is never 0)."""
    return len(chosen) == 1 or (
        bool(chosen) and parts.whole is not None and all(parts.counts[one] == 1 for one in chosen)
    )


def _counts(figures: Mapping[str, Any]) -> Iterable[tuple[str, int | None]]:
    """Every number that counts people or their answers, with its pointer."""
    for block in ("unique_participants", "participations"):
        yield from _leaves(f"/{block}", figures[block])
    yield from _leaves("/seats", {key: n for key, n in figures["seats"].items() if key not in ("offered", "fill_rate")})
    yield from _leaves("/trainers", figures["trainers"])
    yield from _leaves("/approximate", figures["approximate"])
    if figures["surveys"] is not None:
        yield from _leaves("/surveys", figures["surveys"], skip=("share", "mean"))


def _partitions(figures: Mapping[str, Any]) -> Iterable[Parts]:
    for block in ("unique_participants", "participations"):
        for name, cells in figures[block].items():
            if name != "total":
                yield Parts(f"/{block}/total", {_join(f"/{block}/{name}", key): n for key, n in cells.items()})
    seats = figures["seats"]
    yield Parts(None, {f"/seats/{name}": seats[name] for name in ("no_show", "walk_in", "confirmed")})
    if figures["surveys"] is not None:
        yield from _survey_parts(figures["surveys"])


def _titles(figures: Mapping[str, Any], categories: Mapping[str, str]) -> Iterable[Parts]:
    """Each category as the whole of its titles."""
    block = figures["participations"]
    for category in block["by_category"]:
        titles = {title: n for title, n in block["by_title"].items() if categories.get(title) == category}
        pointers = {_join("/participations/by_title", title): n for title, n in titles.items()}
        yield Parts(_join("/participations/by_category", category), pointers)


def _survey_parts(surveys: Mapping[str, Any]) -> Iterable[Parts]:
    at, helped = "/surveys/participant/helped", surveys["participant"]["helped"]
    upper = {f"{at}/{grade}": helped[grade] for grade in ("high", "fairly_high")}
    yield Parts(f"{at}/n", upper | {f"{at}/share": helped["n"] - sum(upper.values())})
    at, support = "/surveys/participant/language_support", surveys["participant"]["language_support"]
    yield Parts(f"{at}/needed", {f"{at}/{value}": support[value] for value in ("fully", "partly", "no")})
    for name, question in surveys["manager"]["questions"].items():
        at = _join("/surveys/manager/questions", name)
        yield Parts(f"{at}/n", {_join(f"{at}/values", value): n for value, n in question["values"].items()})


def _derived(figures: Mapping[str, Any], hidden: set[str]) -> set[str]:
    """Shares and means from which a hidden number could be computed."""
    derived = set()
    if "/participations/total" in hidden:
        derived.add("/seats/fill_rate")
    if figures["surveys"] is None:
        return derived
    at = "/surveys/participant"
    sources = {
        f"{at}/helped/share": (f"{at}/helped/n",),
        f"{at}/confidence/mean": (f"{at}/confidence/n",),
        f"{at}/language_support/share": (f"{at}/language_support/needed", f"{at}/language_support/no"),
    }
    for name, question in figures["surveys"]["manager"]["questions"].items():
        pointer = _join("/surveys/manager/questions", name)
        if "mean" in question:
            values = (_join(f"{pointer}/values", value) for value in question["values"])
            sources[f"{pointer}/mean"] = (f"{pointer}/n", *values)
    return derived | {share for share, of in sources.items() if hidden.intersection(of)}


def _with_hidden(figures: Mapping[str, Any], hidden: set[str]) -> dict[str, Any]:
    result = deepcopy(dict(figures))
    pointers = []
    for pointer in sorted(hidden):
        *path, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        holder = result
        for part in path:
            holder = holder[part]
        if holder[last] is not None:
            holder[last] = None
            pointers.append(pointer)
    return result | {"suppressed": pointers}


def _leaves(pointer: str, value: Any, skip: tuple[str, ...] = ()) -> Iterable[tuple[str, int | None]]:
    if not isinstance(value, Mapping):
        yield pointer, value
        return
    for key, part in value.items():
        if key not in skip:
            yield from _leaves(_join(pointer, key), part, skip)


def _join(pointer: str, key: str) -> str:
    """RFC 6901: `~` and `/` in a key are escaped (titles are free text)."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
