"""The questions are data: complete in three languages, and publishable."""

from services.attendance.surveys.definitions import definitions, newest
from shared.contracts.surveys_v1 import SurveyAnswered


def test_both_surveys_ask_the_funders_three_questions() -> None:
    for survey in ("participant", "manager"):
        keys = [question.key for question in newest(survey).questions]
        assert keys == ["helped", "confidence", "language_support"]


def test_every_text_exists_in_swedish_easy_swedish_and_english() -> None:
    for survey in definitions():
        texts = [question.text for question in survey.questions]
        texts += [answer.text for question in survey.questions for answer in question.answers]
        assert all(text.sv and text.sv_easy and text.en for text in texts)


def test_every_answer_can_be_published() -> None:
    for survey in definitions():
        if survey.audience == "placement":
            continue  # weekly notes are in no event
        for question in survey.questions:
            for value in question.values:
                SurveyAnswered(
                    survey=survey.survey,
                    audience=survey.audience,
                    version=survey.version,
                    answers={question.key: value},
                )
