"""What a figure is called, by its path: in the words of the reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.reporting.figures.basis import UNMATCHED
from services.reporting.reports.words import Words

_OF_PARTICIPANTS: Final = "surveys.participant."
_CLOSED: Final = {
    "unique_participants.by_gender": "gender",
    "unique_participants.by_age": "age",
    "participations.by_category": "category",
    "participations.by_title": "title",
    "sessions.cancelled_by_cause": "cause",
}
_GROUPS: Final = {
    "unique_participants": "participants",
    "participations": "participations",
    "sessions.cancelled_by_cause": "sessions.cancelled",
}


def label(figure: str, names: Mapping[str, Any], words: Words) -> str:
    """`Unika deltagare: Kvinnor`, `Intygad närvaro`."""
    if figure.startswith("surveys."):
        return _of_survey(figure, words)
    if figure.startswith("trainers.qualified."):
        return words("trainers.qualified", code=figure.removeprefix("trainers.qualified."))
    group, _, key = figure.partition(".")
    if group == "cofinancing":
        return _of_promise(key, names, words)
    if group.startswith("EECO"):
        return (
            f"{group} {words(f'indicator.{group}')}: {words('total') if key == 'total' else words.named('gender', key)}"
        )
    if group in ("unique_participants", "participations") or figure.startswith("sessions.cancelled_by_cause."):
        distribution, _, key = key.partition(".")
        path = f"{group}.{distribution}"
        whole = words(_GROUPS.get(path, _GROUPS.get(group, group)))
        return f"{whole}: {_word(path, names, words)(key)}" if key else whole
    return _alone(words(figure))


def _of_promise(key: str, names: Mapping[str, Any], words: Words) -> str:
    """`Medfinansiering: Intygad närvaro, Nora`."""
    whose, _, kind = key.rpartition(".")
    code = whose.removeprefix("municipalities.")
    whom = words("whole_project") if whose == "project" else names["municipalities"].get(code, code)
    measure = _alone(words(f"minutes.{kind if words.has(f'minutes.{kind}') else kind.removesuffix('_minutes')}"))
    return f"{words('cofinancing')}: {measure}, {whom}"


def _word(path: str, names: Mapping[str, Any], words: Words) -> Callable[[str], str]:
    def word(key: str) -> str:
        if key == UNMATCHED:
            return words("unmatched")
        if path in _CLOSED:
            return words.named(_CLOSED[path], key)
        known: Mapping[str, str] = names["courses" if path.endswith("by_course") else "municipalities"]
        return known.get(key, key)

    return word


def _of_survey(figure: str, words: Words) -> str:
    if figure.startswith(_OF_PARTICIPANTS):
        question = figure.removeprefix(_OF_PARTICIPANTS).replace("language_support", "language")
        for whole in (".share", ".mean", ".needed"):
            question = question.removesuffix(whole)
        return _alone(words(f"survey.{question.removesuffix('.n')}")) + _of_what(question, words)
    path = figure.removeprefix("surveys.manager.")
    if path in ("invited", "answered"):
        return f"{words('manager_survey')}: {words(f'survey.{path}')}"
    question, _, value = path.removeprefix("questions.").partition(".values.")
    asked = question.removesuffix(".n").removesuffix(".mean")
    return f"{words('manager_survey')}: {asked}" + (f", {value}" if value else _of_what(question, words))


def _of_what(question: str, words: Words) -> str:
    return {"n": ", " + words.unit("answers"), "mean": ", " + words.unit("mean")}.get(question.rpartition(".")[2], "")


def _alone(word: str) -> str:
    """A word that stands under another in its table, as it stands by itself: `– varav helt` is `Helt`."""
    for beginning in ("– varav ", "– of these ", "– "):
        if word.startswith(beginning):
            rest = word.removeprefix(beginning)
            return rest[:1].upper() + rest[1:]
    return word
