"""The page of a survey, for whoever holds its link: three questions, and thanks."""

from typing import Annotated, Literal

from fastapi import Query

from services.attendance.surveys.answer import answer, questions_of
from services.attendance.surveys.bodies import AnswersBody, LinkShown
from services.attendance.surveys.mails import PAGE
from shared.web.admission import by_link
from shared.web.fields import Named
from shared.web.pages import Done, View, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Unit, allow

router = page_router()

ANSWER = PAGE.format("{token}")
Easy = Annotated[Literal["ja", "nej"] | None, Query()]


@router.get(ANSWER)
async def ask(token: Named, latt: Easy = None, unit: Unit = allow(by=by_link)) -> View:
    """In easy Swedish for participants, unless they want another: `latt=nej`, `sprak=en`."""
    asked = await questions_of(unit, token)
    easy = latt == "ja" or (latt is None and asked.survey == "participant")
    words = "en" if LANGUAGE.get() == "en" else "sv_easy" if easy else "sv"
    return View("surveys/answer.html", asked=asked, words=words)


@router.post(ANSWER)
async def send(token: Named, body: AnswersBody, unit: Unit = allow(by=by_link)) -> Done:
    """A second click is thanked too."""
    asked = await questions_of(unit, token)
    if not asked.answered:
        await answer(unit, token, AnswersBody(answers=_typed(asked, body)))
    return Done(ANSWER.format(token=token))


def _typed(asked: LinkShown, body: AnswersBody) -> dict[str, int | str | None]:
    """A form sends a grade as text."""
    values = {one.key: {str(answer.value): answer.value for answer in one.answers} for one in asked.questions}
    return {key: values.get(key, {}).get(str(value), value) for key, value in body.answers.items()}
