"""What is wrong with answers, question by question."""

from collections.abc import Iterator, Mapping, Sequence

from services.attendance.surveys.bodies import Answers
from services.attendance.surveys.definitions import Question, Survey
from shared.web.problems import FieldError

Given = Mapping[str, int | str]


def given(answers: Answers) -> Given:
    """The answers without the questions that were left blank."""
    return {key: value for key, value in answers.items() if value is not None}


def typed(questions: Sequence[Question], answers: Answers) -> Answers:
    """The answers of a form, which sends a grade as text."""
    values = {one.key: {str(answer.value): answer.value for answer in one.answers} for one in questions}
    return {key: values.get(key, {}).get(str(value), value) for key, value in answers.items()}


def wrong_answers(survey: Survey, answers: Given, pointer: str) -> Iterator[FieldError]:
    """Nothing answered, a question that there is not, a value that it does not have."""
    questions = {question.key: question for question in survey.questions}
    if not answers:
        yield FieldError(
            pointer,
            "empty-answer",
            "Svaret är tomt. Svara på minst en fråga; utelämna enkäter som ingen har fyllt i.",
            "The answer is empty. Answer at least one question; leave out forms that nobody filled in.",
        )
    for key, value in answers.items():
        if key not in questions:
            yield _unknown_question(f"{pointer}/{key}", questions)
        elif value not in questions[key].values:
            allowed = ", ".join(str(answer.value) for answer in questions[key].answers)
            yield FieldError(
                f"{pointer}/{key}",
                "unknown-answer",
                f"Svaret ska vara ett av {allowed}.",
                f"The answer must be one of {allowed}.",
            )


def _unknown_question(pointer: str, questions: Mapping[str, Question]) -> FieldError:
    known = ", ".join(questions)
    return FieldError(
        pointer,
        "unknown-question",
        f"Frågan finns inte. Frågorna är {known}.",
        f"There is no such question. The questions are {known}.",
    )
