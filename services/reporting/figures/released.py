"""Released figures: what leaves the project office, the funder and the employer itself (product.md, Reporting 7).

Every count of people, seats and answers is rounded to the nearest 5 by itself, totals too, so that no subtraction
brings a small count back. Shares come from the rounded counts. Minutes are rounded to the nearest 300 and told only
where they rest on at least five persons. Sessions and courses are no people: they stay exact.

A cell that rounds to 0 is left out, so that a name or a code does not say that there is somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.reporting.shares import share

ROUNDED_TO: Final = 5
FEWEST_FOR_A_SHARE: Final = 10
FEWEST_PERSONS: Final = 5
_MINUTES: Final = 300

Figures = Mapping[str, Any]


def released_count(count: int | None) -> int | None:
    """To the nearest 5: 0 to 2 are 0."""
    return None if count is None else _nearest(count, ROUNDED_TO)


def released_minutes(minutes: int | None, persons: int) -> int | None:
    """To the nearest 300; None where fewer than five persons stand behind them."""
    return None if minutes is None or persons < FEWEST_PERSONS else _nearest(minutes, _MINUTES)


def release(exact: Figures, *, persons: Mapping[str, int], attended: int) -> dict[str, Any]:
    """The figures as they are released.

    Of `exact` the means must have one decimal already. `persons` stand behind each measure of minutes; `attended` are
    the participations behind the fill rate.
    """
    minutes = {name: released_minutes(value, persons[name]) for name, value in exact["minutes"].items()}
    surveys = exact["surveys"]
    released = {
        **exact,
        "cut_off": {},  # the offsets of the streams count what happened, one by one
        "rounded_to": ROUNDED_TO,
        "unique_participants": _distributions(exact["unique_participants"]),
        "participations": _distributions(exact["participations"]),
        "seats": _seats(exact["seats"], attended),
        "minutes": minutes,
        "surveys": None if surveys is None else _surveys(surveys),
        "trainers": _distributions(exact["trainers"]),
        "approximate": _distributions(exact["approximate"]),
    }
    return with_suppressed(exact, released)


def with_suppressed(exact: Figures, released: Figures) -> dict[str, Any]:
    """Names in `suppressed` what is null in the released answer and was not before, beside what was named already."""
    pointers = {*exact.get("suppressed", ()), *_lost("", exact, released)}
    return {**released, "rounded_to": ROUNDED_TO, "suppressed": sorted(pointers)}


def pointer(*names: str) -> str:
    """RFC 6901: `~` and `/` in a name are escaped (titles are free text)."""
    return "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in names)


def _nearest(value: int, step: int) -> int:
    return (2 * value + step) // (2 * step) * step


def _distributions(block: Figures) -> dict[str, Any]:
    return {name: _cells(one) if isinstance(one, Mapping) else released_count(one) for name, one in block.items()}


def _cells(counts: Mapping[str, int]) -> dict[str, int]:
    rounded = {key: _nearest(count, ROUNDED_TO) for key, count in counts.items()}
    return {key: count for key, count in rounded.items() if count}


def _seats(seats: Figures, attended: int) -> dict[str, Any]:
    counts = {name: released_count(count) for name, count in seats.items() if name != "fill_rate"}
    told = seats["fill_rate"] is not None
    return counts | {"fill_rate": _share(_nearest(attended, ROUNDED_TO), counts["offered"] or 0) if told else None}


def _surveys(surveys: Figures) -> dict[str, Any]:
    participant, manager = surveys["participant"], surveys["manager"]
    helped = _counts(participant["helped"], "share")
    support = _counts(participant["language_support"], "share")
    return {
        "participant": {
            **_counts({name: participant[name] for name in ("invited", "answered")}),
            "helped": helped | {"share": _share_of(helped, ("high", "fairly_high"), "n")},
            "confidence": _with_mean(_counts(participant["confidence"], "mean"), participant["confidence"]),
            "language_support": support | {"share": _share_of(support, ("fully", "partly"), "needed")},
        },
        "manager": {
            **_counts({name: manager[name] for name in ("invited", "answered")}),
            "questions": {name: _question(one) for name, one in manager["questions"].items()},
        },
    }


def _question(question: Figures) -> dict[str, Any]:
    values = None if question["values"] is None else _cells(question["values"])
    counted = {"n": released_count(question["n"]), "values": values}
    return _with_mean(counted, question) if "mean" in question else counted


def _counts(block: Figures, *others: str) -> dict[str, Any]:
    return {name: released_count(count) for name, count in block.items() if name not in others}


def _with_mean(counted: dict[str, Any], block: Figures) -> dict[str, Any]:
    return counted | {"mean": block["mean"] if (counted["n"] or 0) >= FEWEST_FOR_A_SHARE else None}


def _share_of(counted: Figures, parts: Iterable[str], whole: str) -> float | None:
    return _share(sum(counted[name] or 0 for name in parts), counted[whole] or 0)


def _share(part: int, whole: int) -> float | None:
    """At most 1: of several parts each may have been rounded up."""
    return share(min(part, whole), whole) if whole >= FEWEST_FOR_A_SHARE else None


def _lost(at: str, exact: Any, released: Any) -> Iterable[str]:
    if released is None:
        if exact is not None:
            yield at
    elif isinstance(released, Mapping):
        for name, value in released.items():
            if isinstance(exact, Mapping) and name in exact:
                yield from _lost(at + pointer(name), exact[name], value)
    elif isinstance(released, list):
        for number, (before, after) in enumerate(zip(exact, released, strict=True)):
            yield from _lost(f"{at}/{number}", before, after)
