"""Survey answers. They are anonymous: tied to a session, dated by its last occasion, and of no municipality."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

from services.reporting.days import Period
from services.reporting.recompute.ledger import Ledger, Selection
from services.reporting.recompute.model import SurveyAnswer
from services.reporting.shares import share

GRADES: Final = ("high", "fairly_high", "low", "not_at_all")
SUPPORT: Final = ("fully", "partly", "no")
FEWEST_ANSWERS: Final = 5
"""Fewer answers to a question are told to nobody: they would be told of persons (product.md, People and data)."""


def surveys(ledger: Ledger, period: Period, selection: Selection, mean_decimals: int = 4) -> dict[str, Any] | None:
    """None under a municipality filter: no answer can be said to come from one."""
    if selection.municipality is not None:
        return None
    sessions = {id_ for id_, one in ledger.sessions.items() if one.last_day in period and selection.takes_session(one)}
    answers = [answer for answer in ledger.facts.answers if answer.session_id in sessions]
    invited: Counter[str] = Counter()
    for invitation in ledger.facts.invitations:
        if invitation.session_id in sessions:
            invited[invitation.audience] += invitation.invited
    participant = [answer for answer in answers if answer.audience == "participant"]
    manager = [answer for answer in answers if answer.audience == "manager"]
    return {
        "participant": {
            "invited": invited["participant"],
            "answered": len(participant),
            "helped": helped(participant),
            "confidence": confidence(participant, mean_decimals),
            "language_support": language_support(participant),
        },
        "manager": {
            "invited": invited["manager"],
            "answered": len(manager),
            "questions": questions(manager, mean_decimals),
        },
    }


def helped(answers: Iterable[SurveyAnswer]) -> dict[str, Any]:
    """ "Helped me do my job better": the two upper grades of four count."""
    counts = Counter(answer.answers.get("helped") for answer in answers)
    n = sum(counts[grade] for grade in GRADES)
    high, fairly_high = counts["high"], counts["fairly_high"]
    return _told(n, {"n": n, "high": high, "fairly_high": fairly_high, "share": share(high + fairly_high, n)})


def confidence(answers: Iterable[SurveyAnswer], mean_decimals: int) -> dict[str, Any]:
    """ "Safe using what I learned", 1 to 5."""
    grades = [grade for answer in answers if (grade := _grade(answer.answers.get("confidence"))) is not None]
    return _told(len(grades), {"n": len(grades), "mean": share(sum(grades), len(grades), mean_decimals)})


def language_support(answers: Iterable[SurveyAnswer]) -> dict[str, Any]:
    """Of those who needed language support: who got it fully or partly."""
    counts = Counter(answer.answers.get("language_support") for answer in answers)
    fully, partly, no = (counts[value] for value in SUPPORT)
    needed = fully + partly + no
    shown = {"needed": needed, "fully": fully, "partly": partly, "no": no, "share": share(fully + partly, needed)}
    return _told(needed + counts["not_needed"], shown)


def questions(answers: Iterable[SurveyAnswer], mean_decimals: int) -> dict[str, Any]:
    """Each question of the managers: n, how often each value was given, and the mean where the values are grades."""
    values: dict[str, list[Any]] = defaultdict(list)
    for answer in answers:
        for question, value in answer.answers.items():
            if value is not None:
                values[question].append(value)
    return {question: _distribution(values[question], mean_decimals) for question in sorted(values)}


def _distribution(values: list[Any], mean_decimals: int) -> dict[str, Any]:
    counts = Counter(str(value) for value in values)
    grades = [grade for value in values if (grade := _grade(value)) is not None]
    mean = {"mean": share(sum(grades), len(grades), mean_decimals)} if len(grades) == len(values) else {}
    return _told(len(values), {"n": len(values), "values": dict(sorted(counts.items())), **mean})


def _told(answers: int, block: dict[str, Any]) -> dict[str, Any]:
    """The block, or nothing of it where few have answered."""
    return dict.fromkeys(block) if 0 < answers < FEWEST_ANSWERS else block


def _grade(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
