"""Reading a stack of paper answers that was typed in, a line a form."""

from services.attendance.surveys.bodies import PaperBody, SurveyAnswersBody
from services.attendance.surveys.definitions import newest
from services.attendance.surveys.rules import read_line
from shared.web.problems import FieldError, invalid


def read_paper(body: PaperBody) -> SurveyAnswersBody:
    """The answers that the lines stand for. Raises 422 that names the lines that are no answers."""
    asked = newest(body.survey)
    choices = [(question.key, [answer.value for answer in question.answers]) for question in asked.questions]
    lines = [(number, line) for number, line in enumerate(body.answers.splitlines(), start=1) if line.strip()]
    read = {number: read_line(line, choices) for number, line in lines}
    wrong = [number for number, answers in read.items() if not answers]
    if wrong or not lines:
        raise invalid(_unreadable(wrong, len(choices)))
    given = [answers for answers in read.values() if answers]
    return SurveyAnswersBody(survey=body.survey, invited=body.invited, answers=[{**one} for one in given])


def _unreadable(numbers: list[int], questions: int) -> FieldError:
    named = ", ".join(map(str, numbers[:10])) or "1"
    return FieldError(
        "/answers",
        "unreadable-lines",
        f"Rad {named}: skriv {questions} tecken, svarets nummer för varje fråga och - för en fråga som är tom. "
        "Utelämna enkäter som ingen har fyllt i.",
        f"Line {named}: write {questions} characters, the number of the answer to each question and - for one that is "
        "blank. Leave out forms that nobody filled in.",
    )
