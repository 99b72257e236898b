"""What participants and managers say. Every result stands beside its number of answers."""

from collections.abc import Iterable

from services.reporting.reports.formatting import Unit
from services.reporting.reports.presentation import NOTHING, Row, Section, Table, cell
from services.reporting.reports.sections.reading import Reading

_PARTICIPANT = "surveys.participant"
_MANAGER = "surveys.manager"


def surveys(reading: Reading) -> Section:
    """Nothing under a municipality: the answers belong to none."""
    words = reading.words
    if reading.figures["surveys"] is None:
        return Section("surveys", words("surveys"), (words("surveys_not_by_municipality"),))
    asked = tuple(
        reading.row(f"survey.{name}", f"{_PARTICIPANT}.{name}", Unit.ANSWERS) for name in ("invited", "answered")
    )
    header = reading.heads("question", "answers_n", "result")
    tables = (
        Table("surveys", words("surveys.caption"), reading.heads("figure", "number_of"), asked),
        Table("answers", words("answers.caption"), header, tuple(_participants(reading))),
        Table("manager", words("manager_survey"), header, tuple(_managers(reading))),
    )
    few = (
        (words("surveys_few"),)
        if any(pointer.startswith("/surveys/") for pointer in reading.figures["suppressed"])
        else ()
    )
    return Section("surveys", words("surveys"), (words("surveys_intro"), *few), tables)


def _participants(reading: Reading) -> Iterable[Row]:
    at, words = reading.at, reading.words
    n = at(f"{_PARTICIPANT}.helped.n", Unit.ANSWERS)
    yield Row(words("survey.helped"), (n, at(f"{_PARTICIPANT}.helped.share", Unit.SHARE)))
    for grade in ("high", "fairly_high"):
        yield Row(words(f"survey.helped.{grade}"), (n, at(f"{_PARTICIPANT}.helped.{grade}", Unit.ANSWERS)))
    confidence = f"{_PARTICIPANT}.confidence"
    yield Row(words("survey.confidence"), (at(f"{confidence}.n", Unit.ANSWERS), at(f"{confidence}.mean", Unit.MEAN)))
    support = f"{_PARTICIPANT}.language_support"
    needed = at(f"{support}.needed", Unit.ANSWERS)
    yield Row(words("survey.language"), (needed, at(f"{support}.share", Unit.SHARE)))
    for answer in ("fully", "partly", "no"):
        yield Row(words(f"survey.language.{answer}"), (needed, at(f"{support}.{answer}", Unit.ANSWERS)))


def _managers(reading: Reading) -> Iterable[Row]:
    """Questions and values are those of the survey's own version: they are shown as they are."""
    for name in ("invited", "answered"):
        number = reading.at(f"{_MANAGER}.{name}", Unit.ANSWERS)
        yield Row(reading.words(f"survey.{name}"), (number, NOTHING))
    for question, found in reading.figures["surveys"]["manager"]["questions"].items():
        path = f"{_MANAGER}.questions.{question}"
        n = cell(f"{path}.n", found["n"], Unit.ANSWERS)
        yield Row(question, (n, cell(f"{path}.mean", found.get("mean"), Unit.MEAN)))
        for value, count in (found["values"] or {}).items():
            yield Row(f"– {value}", (n, cell(f"{path}.values.{value}", count, Unit.ANSWERS)))
