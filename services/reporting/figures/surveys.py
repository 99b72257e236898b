"""Survey answers. They are anonymous: tied to a session, dated by its last occasion, and of no municipality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.reporting.figures.basis import counts
from services.reporting.figures.released import pointer
from services.reporting.shares import share

GRADES: Final = ("high", "fairly_high", "low", "not_at_all")
SUPPORT: Final = ("fully", "partly", "no")
FEWEST_ANSWERS: Final = 5
"""Fewer answers to a question are told to nobody: they would be told of persons (product.md, People and data)."""

OF_PERIOD: Final = "session_id = ANY (ARRAY(SELECT session_id FROM of_period))"
SQL: Final = f"""
    answered AS MATERIALIZED (SELECT session_id, audience, answers FROM {{at}}.answers WHERE {OF_PERIOD}),
    given AS MATERIALIZED (
        SELECT audience, question, value #>> '{{}}' AS value,
               CASE jsonb_typeof(value) WHEN 'number' THEN CAST(value AS bigint) END AS grade
          FROM answered CROSS JOIN jsonb_each(answers) AS one (question, value)
    ),
    surveys AS (
        SELECT jsonb_build_object(
            'invited', (SELECT coalesce(jsonb_object_agg(audience, n), '{{}}')
                          FROM (SELECT audience, sum(invited) AS n FROM {{at}}.invitations WHERE {OF_PERIOD}
                                 GROUP BY audience) AS asked),
            'answered', {counts("audience", "answered")},
            'questions', (
                SELECT coalesce(jsonb_agg(to_jsonb(asked)), '[]')
                  FROM (SELECT audience, question, count(*) AS n, count(grade) AS grades, sum(grade) AS sum,
                               {counts("value", "given AS g WHERE (g.audience, g.question) = (q.audience, q.question)")}
                                   AS values
                          FROM given AS q GROUP BY audience, question) AS asked)) AS found
    )"""

_NOBODY: Final[Mapping[str, Any]] = {"n": 0, "grades": 0, "sum": None, "values": {}}


def surveys(found: Mapping[str, Any], mean_decimals: int = 4) -> dict[str, Any]:
    """The two audiences, each with what its questions were answered with."""
    asked = {(one["audience"], one["question"]): one for one in found["questions"]}
    managers = sorted((name, one) for (audience, name), one in asked.items() if audience == "manager")
    return {
        "participant": {
            **_counts_of(found, "participant"),
            "helped": helped(asked.get(("participant", "helped"), _NOBODY)),
            "confidence": confidence(asked.get(("participant", "confidence"), _NOBODY), mean_decimals),
            "language_support": language_support(asked.get(("participant", "language_support"), _NOBODY)),
        },
        "manager": {
            **_counts_of(found, "manager"),
            "questions": {name: _distribution(one, mean_decimals) for name, one in managers},
        },
    }


def untold(surveys: Mapping[str, Any] | None) -> Iterable[str]:
    """JSON pointers of what is null because too few have answered the question."""
    if surveys is None:
        return
    participant, managers = surveys["participant"], surveys["manager"]["questions"]
    blocks: list[tuple[tuple[str, ...], Mapping[str, Any]]]
    blocks = [(("participant", name), participant[name]) for name in ("helped", "confidence", "language_support")]
    blocks += [(("manager", "questions", name), question) for name, question in managers.items()]
    for path, block in blocks:
        if all(value is None for value in block.values()):
            yield from (pointer("surveys", *path, name) for name in block)


def helped(question: Mapping[str, Any]) -> dict[str, Any]:
    """ "Helped me do my job better": the two upper grades of four count."""
    grades = {grade: question["values"].get(grade, 0) for grade in GRADES}
    n, high, fairly_high = sum(grades.values()), grades["high"], grades["fairly_high"]
    return _told(n, {"n": n, "high": high, "fairly_high": fairly_high, "share": share(high + fairly_high, n)})


def confidence(question: Mapping[str, Any], mean_decimals: int) -> dict[str, Any]:
    """ "Safe using what I learned", 1 to 5."""
    n = question["grades"]
    return _told(n, {"n": n, "mean": share(question["sum"] or 0, n, mean_decimals)})


def language_support(question: Mapping[str, Any]) -> dict[str, Any]:
    """Of those who needed language support: who got it fully or partly."""
    counted = question["values"]
    fully, partly, no = (counted.get(value, 0) for value in SUPPORT)
    needed = fully + partly + no
    shown = {"needed": needed, "fully": fully, "partly": partly, "no": no, "share": share(fully + partly, needed)}
    return _told(needed + counted.get("not_needed", 0), shown)


def _distribution(question: Mapping[str, Any], mean_decimals: int) -> dict[str, Any]:
    """n, how often each value was given, and the mean where the values are grades."""
    n, only_grades = question["n"], question["grades"] == question["n"]
    mean = {"mean": share(question["sum"], n, mean_decimals)} if only_grades else {}
    return _told(n, {"n": n, "values": dict(sorted(question["values"].items())), **mean})


def _counts_of(found: Mapping[str, Any], audience: str) -> dict[str, int]:
    return {name: found[name].get(audience, 0) for name in ("invited", "answered")}


def _told(answers: int, block: dict[str, Any]) -> dict[str, Any]:
    """The block, or nothing of it where few have answered."""
    return dict.fromkeys(block) if 0 < answers < FEWEST_ANSWERS else block
